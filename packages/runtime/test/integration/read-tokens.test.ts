import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  createModelHost,
  type DecoderModel,
  type ModelHost,
  openModelFolder,
  residPre,
  type TokenRead,
  type TokenReading,
  type TokenReadRequest,
} from '@parapet/runtime'
import { type TinyLayout, writeTinyDecoder } from '@parapet/runtime/testing'
import fc from 'fast-check'

const HIDDEN = 32
/** Starting a host takes a while where few cores are free. */
const LONG_MS = 180_000
const LAYOUTS: TinyLayout[] = ['genai', 'plain']
let root: string
let host: ModelHost
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-tokens-'))
  for (const layout of LAYOUTS) await writeTinyDecoder(join(root, layout), { layout })
  host = createModelHost({ threads: 1 })
  for (const layout of LAYOUTS) await (await decoder(layout)).warm({ sites: request().sites })
}, LONG_MS)
afterAll(async () => {
  await host.close()
  await rm(root, { recursive: true })
})

async function decoder(layout: TinyLayout): Promise<DecoderModel> {
  return host.decoder(await openModelFolder(join(root, layout), 'decoder'))
}

const user = (content: string) => [{ role: 'user' as const, content }]
const weight = (seed: number) => Float32Array.from({ length: HIDDEN }, (_, i) => Math.sin(seed + i))
const reading: TokenReading = { site: residPre(2), weight: weight(1), bias: 0.5, normalise: 'none' }
const request = (overrides: Partial<TokenReadRequest> = {}): TokenReadRequest => ({
  messages: user('good day to you'),
  sites: [{ site: residPre(2), position: 'last' }],
  readings: [reading],
  ...overrides,
})
async function read(model: DecoderModel, overrides: Partial<TokenReadRequest> = {}): Promise<TokenRead> {
  const result = await model.readTokens(request(overrides))
  if (result.kind !== 'read') throw new Error(result.kind)
  return result
}
const numbers = ({ readings }: TokenRead) => readings.map((row) => Array.from(row))
const code = (name: string) => expect.objectContaining({ code: name })

describe.each(LAYOUTS)('readTokens on the %s layout', (layout) => {
  test('gives weight · x + bias at every token of the last user message, and the rows that read gives', async () => {
    const model = await decoder(layout)
    const given = await read(model)
    const tokens = given.readings[0]?.length ?? 0
    const last = await model.read({
      messages: user('good day to you'),
      sites: [
        { site: residPre(2), position: 'last' },
        { site: residPre(2), position: 'last-instruction' },
      ],
    })

    expect(tokens).toBeGreaterThan(1)
    if (last.kind !== 'read') throw new Error(last.kind)
    expect(given.rows[0]).toEqual(last.rows[0])
    const [, row = []] = last.rows
    const expected = [...row].reduce((sum, value, i) => sum + value * (reading.weight[i] ?? 0), 0) + 0.5
    expect(given.readings[0]?.at(-1)).toBeCloseTo(expected, 4)
  })

  test('dropped dimensions count for nothing, and l2 measures the rest by their length', async () => {
    const model = await decoder(layout)
    const dropDimensions = [3, 7]
    const same = weight(1).map((value, at) => (dropDimensions.includes(at) ? 9 : value))
    const l2 = { ...reading, bias: 0, normalise: 'l2' as const, dropDimensions }
    const given = await read(model, { readings: [l2, { ...l2, weight: same }] })

    expect(given.readings[1]).toEqual(given.readings[0])
    const length = Math.hypot(...weight(1).filter((_, at) => !dropDimensions.includes(at)))
    for (const value of given.readings[0] ?? []) expect(Math.abs(value)).toBeLessThanOrEqual(length + 1e-6)
  })

  test(
    'an answer gives the same numbers read at once, as it grows, and behind another that began alike',
    async () => {
      const model = await decoder(layout)
      const words = 'good bad day to you and the end of it '.repeat(6)
      const lengths = fc.array(fc.integer({ min: 1, max: words.length }), { minLength: 1, maxLength: 6 })
      // Other places are another reading: nothing that was read before is used.
      let turn = 0
      const fresh = async (answer: string) => {
        turn += 1
        const others = Array.from(turn.toString(2), (digit) => ({
          site: residPre(1),
          position: -1 - Number(digit),
        }))
        const { rows, readings, ...rest } = await read(model, {
          answer,
          sites: [...request().sites, ...others],
        })
        expect(rest.reusedTokens).toBe(0)
        return { ...rest, rows: rows.slice(0, 1), readings }
      }
      await fc.assert(
        fc.asyncProperty(lengths, async (cuts) => {
          for (const cut of cuts) {
            const grown = await read(model, { answer: words.slice(0, cut) })
            const alone = await fresh(words.slice(0, cut))
            expect(numbers(grown)).toEqual(numbers(alone))
            expect(grown.rows).toEqual(alone.rows)
          }
        }),
        { numRuns: 6 },
      )
    },
    LONG_MS,
  )

  test('what was read of an answer is not read again', async () => {
    const model = await decoder(layout)
    const answer = 'day good '.repeat(40)
    const messages = user('you and the end of it')
    const first = await read(model, { answer, messages })
    const more = await read(model, { answer: `${answer}day good`, messages })
    const other = await read(model, { answer, messages: user('bad day') })

    expect(first.reusedTokens).toBe(0)
    expect(first.tokens - more.reusedTokens).toBeLessThan(16)
    expect(more.readings[0]?.subarray(0, 64)).toEqual(first.readings[0]?.subarray(0, 64))
    expect(other.reusedTokens).toBe(0)
  })

  test('other weights are another reading: nothing of the first is handed out for it', async () => {
    const model = await decoder(layout)
    const answer = 'good day '.repeat(40)
    await read(model, { answer })
    const other = await read(model, { answer, readings: [{ ...reading, weight: weight(5) }] })

    expect(other.reusedTokens).toBe(0)
  })

  test('an empty answer has no tokens', async () => {
    expect((await read(await decoder(layout), { answer: '' })).readings[0]).toHaveLength(0)
  })
})

test('prompt and answer together are held to the limit', async () => {
  const model = await decoder('genai')

  expect(await model.readTokens(request({ answer: 'good day '.repeat(40), maxTokens: 60 }))).toMatchObject({
    kind: 'too-long',
    tokens: expect.any(Number),
  })
  expect(await model.readTokens(request({ answer: 'a'.repeat(10_000_000), maxTokens: 60 }))).toEqual({
    kind: 'too-long',
    tokens: undefined,
  })
})

const invalid: [string, Partial<TokenReadRequest>][] = [
  ['no readings', { readings: [] }],
  ['a weight of another width', { readings: [{ ...reading, weight: new Float32Array(3) }] }],
  ['a weight that is not finite', { readings: [{ ...reading, weight: weight(1).fill(Number.NaN, 0, 1) }] }],
  ['a dimension that the model does not have', { readings: [{ ...reading, dropDimensions: [HIDDEN] }] }],
  ['an answer that is no text', { answer: 5 as unknown as string }],
]
test.each(invalid)('%s is refused', async (_, overrides) => {
  const model = await decoder('genai')

  await expect(model.readTokens(request(overrides))).rejects.toEqual(code('PARAPET_RUNTIME_REQUEST_INVALID'))
})

test('a block that the model does not have is refused', async () => {
  const model = await decoder('genai')
  const outside = { ...reading, site: residPre(99) }

  await expect(model.readTokens(request({ readings: [outside] }))).rejects.toEqual(
    code('PARAPET_MODEL_SITE_UNKNOWN'),
  )
})

test('a request that is taken back leaves nothing half read behind', async () => {
  const model = await decoder('genai')
  const answer = 'good day '.repeat(200)
  const controller = new AbortController()
  const taken = model.readTokens(request({ answer, signal: controller.signal }))
  controller.abort()
  await expect(taken).rejects.toEqual(code('PARAPET_RUNTIME_ABORTED'))

  const after = await read(model, { answer })
  expect(after.readings[0]?.every(Number.isFinite)).toBe(true)
})
