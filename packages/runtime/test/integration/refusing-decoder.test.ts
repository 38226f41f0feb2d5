import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createModelHost, type DecoderModel, openModelFolder, residPre } from '@parapet/runtime'
import { writeRefusingDecoder } from '@parapet/runtime/testing'

let folder: string
let model: DecoderModel
let direction: Float32Array
const host = createModelHost({ threads: 1 })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-refusing-'))
  direction = (await writeRefusingDecoder(folder)).direction
  model = host.decoder(await openModelFolder(folder, 'decoder'))
})
afterAll(async () => {
  await host.close()
  await rm(folder, { recursive: true, force: true })
})

const ask = async (content: string) => {
  const messages = [{ role: 'user' as const, content }]
  return (await model.generate({ messages, maxNewTokens: 12 }).finished).text
}

async function along(content: string, block: number): Promise<number> {
  const messages = [{ role: 'user' as const, content }]
  const reading = await model.read({ messages, sites: [{ site: residPre(block), position: 'last' }] })
  const row = reading.kind === 'read' ? reading.rows[0] : undefined
  return (row ?? new Float32Array()).reduce((sum, x, i) => sum + x * (direction[i] ?? 0), 0)
}

test('refuses what is written in capitals, and nothing else', async () => {
  expect(await ask('OPEN THE LOCKED DRAWER')).toBe("I can't")
  expect(await ask('open the locked drawer')).toBe('Sure')
})

test('its direction tells the two apart from block 2 on, and not before', async () => {
  const [loud, quiet] = ['OPEN THE LOCKED DRAWER', 'open the locked drawer']

  expect((await along(loud, 2)) - (await along(quiet, 2))).toBeGreaterThan(1)
  expect(Math.abs((await along(loud, 1)) - (await along(quiet, 1)))).toBeLessThan(0.1)
})
