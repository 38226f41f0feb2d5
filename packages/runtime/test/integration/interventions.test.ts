import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  createModelHost,
  type DecoderModel,
  type Intervention,
  type ModelHost,
  openModelFolder,
  residPre,
} from '@parapet/runtime'
import { writeTinyDecoder } from '@parapet/runtime/testing'
import { seededFloats } from '../../src/testing/onnx-builder.ts'

const LAYERS = 4
const HIDDEN = 32
const messages = [{ role: 'user' as const, content: 'How do I bake bread?' }]
const direction = unit(seededFloats(7, HIDDEN))
const vector = seededFloats(8, HIDDEN, 4)
const everywhere = Array.from({ length: LAYERS }, (_, block) =>
  [0, 5, -1].map((position) => ({ site: residPre(block), position })),
).flat()

let root: string
let host: ModelHost
let model: DecoderModel
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-interventions-'))
  await writeTinyDecoder(root)
  host = createModelHost({ threads: 1, unresponsiveMs: 120_000 })
  model = host.decoder(await openModelFolder(root, 'decoder'))
}, 120_000)
afterAll(async () => {
  await host.close()
  await rm(root, { recursive: true })
})

function unit(numbers: Float32Array): Float32Array {
  const norm = Math.hypot(...numbers)
  return numbers.map((value) => value / norm)
}

const dot = (row: Float32Array) => row.reduce((sum, value, index) => sum + value * (direction[index] ?? 0), 0)

async function rowsOf(intervention: Intervention): Promise<readonly Float32Array[]> {
  const read = await model.read({ messages, sites: everywhere, intervention })
  if (read.kind !== 'read') throw new Error('the prompt is short')
  return read.rows
}

describe('firstToken', () => {
  test('is the token that a greedy answer opens with', async () => {
    const { logits, promptTokens } = await model.firstToken({ messages })

    const answer = await model.generate({ messages, maxNewTokens: 1 }).finished
    const best = logits.indexOf(Math.max(...logits))
    expect(best).toBeLessThan(128)
    expect(String.fromCharCode(best)).toBe(answer.text)
    expect(promptTokens).toBe(answer.promptTokens)
  }, 120_000)

  test('behind a prefill is what follows it', async () => {
    const plain = await model.firstToken({ messages })
    const behind = await model.firstToken({ messages, prefill: 'Sure' })

    expect(behind.promptTokens).toBe(plain.promptTokens + 4)
    expect(behind.logits).not.toEqual(plain.logits)
  })

  test('an intervention of strength 0, or without a change, leaves the logits to the bit', async () => {
    const { logits } = await model.firstToken({ messages })

    for (const intervention of [
      {},
      { erase: { direction, strength: 0, offset: 3 } },
      { add: { vector, block: 2, strength: 0 }, spare: 'none' as const },
    ]) {
      expect((await model.firstToken({ messages, intervention })).logits).toEqual(logits)
    }
  })

  test('a change in one request does not reach the next', async () => {
    const before = await model.firstToken({ messages })

    const erased = await model.firstToken({ messages, intervention: { erase: { direction } } })

    expect(erased.logits).not.toEqual(before.logits)
    expect(await model.firstToken({ messages })).toEqual(before)
  })

  test('a prompt of several passes is changed in each of them', async () => {
    const long = [{ role: 'user' as const, content: 'bread '.repeat(100) }]
    const sites = [3, 300, -1].map((position) => ({ site: residPre(3), position }))

    const read = await model.read({ messages: long, sites, intervention: { erase: { direction } } })

    if (read.kind !== 'read') throw new Error('the prompt fits')
    expect(read.tokens).toBeGreaterThan(512)
    for (const row of read.rows) expect(Math.abs(dot(row))).toBeLessThan(1e-5)
  })
})

describe('erase', () => {
  test('leaves nothing of the direction, but where a position is spared', async () => {
    const base = await rowsOf({})

    const rows = await rowsOf({ erase: { direction }, spare: 'first' })
    const all = await rowsOf({ erase: { direction }, spare: 'none' })

    for (const [index, { position }] of everywhere.entries()) {
      const row = rows[index] ?? new Float32Array(HIDDEN)
      if (position === 0) expect(row).toEqual(base[index])
      else expect(Math.abs(dot(row))).toBeLessThan(1e-5)
      expect(Math.abs(dot(all[index] ?? row))).toBeLessThan(1e-5)
    }
  })

  test('a share of it leaves the rest, and an offset is what r̂ᵀx is brought to at every block', async () => {
    const [first] = await rowsOf({})
    const before = dot(first ?? new Float32Array(HIDDEN))

    const [half] = await rowsOf({ erase: { direction, strength: 0.5 }, spare: 'none' })
    const brought = await rowsOf({ erase: { direction, offset: 2.5 }, spare: 'none' })

    expect(dot(half ?? new Float32Array(HIDDEN))).toBeCloseTo(before / 2, 5)
    for (const row of brought) expect(dot(row)).toBeCloseTo(2.5, 4)
  })

  test('changes what is generated, all of it', async () => {
    const request = { messages, maxNewTokens: 12 }

    const plain = await model.generate(request).finished
    const none = await model.generate({ ...request, intervention: {} }).finished
    const erased = await model.generate({ ...request, intervention: { erase: { direction } } }).finished

    expect(none).toEqual(plain)
    expect(erased.text).not.toBe(plain.text)
    const again = await model.generate({ ...request, intervention: { erase: { direction } } }).finished
    expect(again).toEqual(erased)
  })
})

describe('add', () => {
  test('is what was there and the vector at its block, and nothing before it', async () => {
    const base = await rowsOf({})

    const rows = await rowsOf({ add: { vector, block: 2, strength: -1.5 }, spare: 'first' })

    for (const [index, { site, position }] of everywhere.entries()) {
      const before = base[index] ?? new Float32Array(HIDDEN)
      const row = rows[index] ?? new Float32Array(HIDDEN)
      if (position === 0 || site === residPre(0) || site === residPre(1)) expect(row).toEqual(before)
      else if (site === residPre(2)) {
        const expected = before.map((value, part) => value - 1.5 * (vector[part] ?? 0))
        for (const [part, value] of row.entries()) expect(value).toBeCloseTo(expected[part] ?? 0, 4)
      } else expect(row).not.toEqual(before)
    }
  })

  test('is not erased: erasing comes first', async () => {
    const rows = await rowsOf({
      erase: { direction },
      add: { vector: direction, block: 0, strength: 3 },
      spare: 'none',
    })

    for (const row of rows) expect(dot(row)).toBeCloseTo(3, 4)
  })
})

describe('bad input is PARAPET_RUNTIME_REQUEST_INVALID, and says what is wrong', () => {
  const short = new Float32Array(3).fill(1)
  const broken = direction.with(4, Number.NaN)
  test.each<[string, object, string]>([
    [
      'a direction of another width',
      { erase: { direction: short } },
      'of 3 numbers; expected a Float32Array of 32',
    ],
    [
      'a direction that is no unit vector',
      { erase: { direction: direction.map((v) => v * 2) } },
      'of length 2.000',
    ],
    ['a direction of zeros', { erase: { direction: new Float32Array(HIDDEN) } }, 'of length 0.000'],
    ['a direction with NaN', { erase: { direction: broken } }, 'not finite'],
    ['numbers that are no Float32Array', { erase: { direction: [...direction] } }, 'of another type'],
    ['a strength above 1', { erase: { direction, strength: 1.01 } }, '1.01; expected a number from 0 to 1'],
    ['a strength of NaN', { erase: { direction, strength: Number.NaN } }, 'NaN'],
    ['an offset without end', { erase: { direction, offset: Number.POSITIVE_INFINITY } }, 'Infinity'],
    ['a vector of zeros', { add: { vector: new Float32Array(HIDDEN), block: 0 } }, 'of length 0'],
    ['a block that is not there', { add: { vector, block: 4 } }, 'from 0 to 3'],
    ['half a block', { add: { vector, block: 0.5 } }, 'a whole number'],
    [
      'a vector with infinity',
      { add: { vector: vector.with(0, Number.NEGATIVE_INFINITY), block: 0 } },
      'not finite',
    ],
    ['another word for what is spared', { spare: 'canary-51c9' }, "expected 'sinks', 'first' or 'none'"],
    ['a key that is misspelt', { ersae: { direction } }, 'expected erase, add, spare'],
    ['a text', 'canary-51c9' as unknown as object, 'expected an object'],
  ])('%s', async (_, wrong, words) => {
    const intervention = wrong as Intervention

    const failures = await Promise.all([
      model.firstToken({ messages, intervention }).catch((error: unknown) => error),
      model.read({ messages, sites: everywhere, intervention }).catch((error: unknown) => error),
      model.generate({ messages, maxNewTokens: 1, intervention }).finished.catch((error: unknown) => error),
    ])

    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'PARAPET_RUNTIME_REQUEST_INVALID' })
      expect((failure as Error).message).toContain(words)
      expect((failure as Error).message).not.toContain('canary')
    }
  })

  test('a prefill that is no text, and a prompt that fills the context', async () => {
    const prefill = 3 as unknown as string

    await expect(model.firstToken({ messages, prefill })).rejects.toMatchObject({
      code: 'PARAPET_RUNTIME_REQUEST_INVALID',
    })
    await expect(model.firstToken({ messages, prefill: 'y'.repeat(2048) })).rejects.toMatchObject({
      code: 'PARAPET_MODEL_CONTEXT_EXCEEDED',
    })
    await expect(model.firstToken({ messages, prefill: 'y'.repeat(1e7) })).rejects.toMatchObject({
      code: 'PARAPET_MODEL_CONTEXT_EXCEEDED',
    })
  })

  test('an aborted request is PARAPET_RUNTIME_ABORTED', async () => {
    const signal = AbortSignal.abort()

    await expect(model.firstToken({ messages, signal })).rejects.toMatchObject({
      code: 'PARAPET_RUNTIME_ABORTED',
    })
    await expect(model.verifyInterventions({ signal })).rejects.toMatchObject({
      code: 'PARAPET_RUNTIME_ABORTED',
    })
  })
})
