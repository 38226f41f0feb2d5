import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createModelHost, openModelFolder, residPre } from '@parapet/runtime'
import { type TinyLayout, writeTinyDecoder } from '@parapet/runtime/testing'

const PROGRAM = fileURLToPath(new URL('../programs/share-prefill.ts', import.meta.url))
const run = promisify(execFile)
/** Starting a process takes a while where few cores are free. */
const LONG_MS = 180_000

interface Printed {
  readonly newTokens: number
  readonly prompts: readonly {
    readonly tokens: number
    readonly passed: Readonly<Record<'alone' | 'read' | 'behind' | 'tokens', readonly number[]>>
    readonly texts: readonly string[]
    readonly reused: readonly number[]
    readonly apart: number
    readonly caches: readonly number[]
  }[]
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, value) => total + value, 0)

describe.each<TinyLayout>(['genai', 'plain'])('a graph of the %s layout that reads and answers', (layout) => {
  let directory: string
  let printed: Printed

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parapet-prefill-'))
    await writeTinyDecoder(directory, { layout })
    const { stdout } = await run(process.execPath, ['--conditions=@parapet/source', PROGRAM, directory])
    printed = JSON.parse(stdout)
  }, LONG_MS)
  afterAll(() => rm(directory, { recursive: true }))

  test('passes the tokens of a prompt once, for its reading and its answer together', () => {
    for (const { tokens, passed } of printed.prompts) {
      const written = printed.newTokens - 1
      expect(sum(passed.alone)).toBe(tokens + written)
      expect([sum(passed.read), sum(passed.tokens)]).toEqual([tokens, tokens])
      expect(passed.behind).toEqual(new Array(written).fill(1))
    }
    expect(printed.prompts.at(-1)?.passed.read.length).toBeGreaterThan(1)
  })

  test('answers to the letter what it answers without, and what the graph for answers does', () => {
    for (const { texts } of printed.prompts) expect(new Set(texts).size).toBe(1)
  })

  test('gives what was read to one answer: another to the same prompt reads for itself', () => {
    for (const { tokens, reused } of printed.prompts) expect(reused).toEqual([0, tokens, tokens, 0])
  })

  test('changes no row by more than rounding', () => {
    for (const { apart } of printed.prompts) expect(apart).toBeLessThan(1e-4)
  })

  test('lets go of every cache: answered, broken off while reading or writing, and closed', () => {
    for (const { caches } of printed.prompts) expect(caches).toEqual([0, 0])
  })
})

describe('a host that keeps prompts for their answers', () => {
  const messages = [{ role: 'user' as const, content: 'good day to you' }]
  const sites = [{ site: residPre(2), position: 'last' as const }]
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'parapet-prefill-'))
    await writeTinyDecoder(directory)
  })
  afterAll(() => rm(directory, { recursive: true }))

  test(
    'shares between two handles of one model, and answers as a host that keeps none',
    async () => {
      const [sharing, plain] = [
        createModelHost({ threads: 1, sharedPrefillTokens: 500 }),
        createModelHost({ threads: 1 }),
      ]
      try {
        const folder = await openModelFolder(directory, 'decoder')
        const ask = { messages, maxNewTokens: 6 }
        const read = await sharing.decoder(folder).read({ messages, sites })
        const answered = await sharing.decoder(folder).generate(ask).finished
        const steered = await sharing.decoder(folder).generate({ ...ask, intervention: {} }).finished
        const apart = await plain.decoder(folder).generate(ask).finished

        expect(read.kind).toBe('read')
        expect(answered).toEqual({ ...apart, reusedTokens: apart.promptTokens })
        expect([apart.reusedTokens, steered.reusedTokens]).toEqual([0, 0])
      } finally {
        await Promise.all([sharing.close(), plain.close()])
      }
    },
    LONG_MS,
  )

  test(
    'a prompt that is longer than all there is room for is read and answered in two passes',
    async () => {
      const host = createModelHost({ threads: 1, sharedPrefillTokens: 4 })
      try {
        const model = host.decoder(await openModelFolder(directory, 'decoder'))
        await model.read({ messages, sites })

        expect(await model.generate({ messages, maxNewTokens: 2 }).finished).toMatchObject({
          reusedTokens: 0,
        })
      } finally {
        await host.close()
      }
    },
    LONG_MS,
  )
})
