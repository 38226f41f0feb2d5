import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type TinyLayout, writeTinyDecoder } from '../../src/testing/tiny-decoder.ts'

const PROGRAM = fileURLToPath(new URL('../programs/read-behind-prefix.ts', import.meta.url))
const run = promisify(execFile)

interface Printed {
  readonly length: number
  readonly alone: boolean
  readonly followed: boolean
  readonly readings: readonly {
    readonly tokens: number
    readonly whole: readonly number[]
    readonly behind: readonly number[]
    readonly apart: number
  }[]
}

describe.each(['genai', 'plain'] as const)('the prefix of a %s decoder', (layout: TinyLayout) => {
  let directory: string
  let printed: Printed

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parapet-prefix-'))
    await writeTinyDecoder(directory, { layout })
    const { stdout } = await run(process.execPath, ['--conditions=@parapet/source', PROGRAM, directory])
    printed = JSON.parse(stdout)
  }, 60_000)
  afterAll(() => rm(directory, { recursive: true }))

  test('is what the prompts of different first turns share, and never the whole of a prompt', () => {
    expect(printed.length).toBeGreaterThan(1)
    expect(printed).toMatchObject({ alone: false, followed: true })
  })

  test('spares its tokens as often as it is used, also before several turns', () => {
    for (const { tokens, whole, behind } of printed.readings.slice(0, 5)) {
      expect(whole).toEqual([tokens])
      expect(behind).toEqual([tokens - printed.length])
    }
  })

  test('changes no row by more than rounding', () => {
    for (const { apart } of printed.readings) expect(apart).toBeLessThan(1e-4)
  })

  test('is left aside where a prompt opens in another way, or takes more than one pass', () => {
    const [other, long] = printed.readings.slice(5)

    expect(other?.behind).toEqual(other?.whole)
    expect(long?.whole.length).toBeGreaterThan(1)
    expect(long?.behind).toEqual(long?.whole)
  })
})
