import { describe, expect, test } from '@jest/globals'
import type { Tensor } from 'onnxruntime-node'
import { createCache, emptyPast } from './key-value-cache.ts'
import type { DecoderManifest } from './manifest.ts'
import type { OnnxSession } from './onnx-session.ts'

/** Holds numbers as onnxruntime's tensors do. */
class HeldTensor {
  readonly type: string
  readonly data: Float32Array
  readonly dims: readonly number[]

  constructor(type: string, data: Float32Array, dims: readonly number[]) {
    this.type = type
    this.data = data
    this.dims = dims
  }
}

const manifest = { kvHeads: 2, headSize: 3 } as DecoderManifest
const session = {
  inputNames: ['input_ids', 'past_key_values.0.key', 'past_key_values.0.value'],
  tensors: HeldTensor,
} as unknown as OnnxSession
const numbers = (tensor: Tensor | null | undefined) => Array.from((tensor?.data ?? []) as Float32Array)
const held = (...values: number[]) =>
  new HeldTensor('float32', Float32Array.from(values), []) as unknown as Tensor

describe('createCache, in place', () => {
  test('feeds and fetches the same tensors, with the room that was asked for', () => {
    const { feeds, fetches } = createCache(session, manifest, 4, true).prepare(4)

    expect(feeds['past_key_values.0.key']?.dims).toEqual([1, 2, 4, 3])
    expect(fetches['present.0.key']).toBe(feeds['past_key_values.0.key'])
    expect(fetches['present.0.value']).toBe(feeds['past_key_values.0.value'])
  })

  test('keeps what was read when it grows: each head at the start of its longer row', () => {
    const cache = createCache(session, manifest, 2, true)
    const before = cache.prepare(2).feeds['past_key_values.0.key']
    for (const [index, number] of [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16].entries()) {
      if (before) before.data[index] = number
    }

    const after = cache.prepare(3).feeds['past_key_values.0.key']

    const room = after?.dims[2] ?? 0
    expect(room).toBeGreaterThanOrEqual(3)
    const row = room * manifest.headSize
    expect(numbers(after).slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 0])
    expect(numbers(after).slice(row, row + 7)).toEqual([11, 12, 13, 14, 15, 16, 0])
    expect(before?.data).toHaveLength(0)
  })

  test('gives up the copies that a pass hands back, and its own tensors when it is released', () => {
    const cache = createCache(session, manifest, 2, true)
    const { feeds } = cache.prepare(2)
    const copy = held(1, 2)
    cache.take({ 'present.0.key': copy })

    expect(copy.data).toHaveLength(0)
    expect(feeds['past_key_values.0.key']?.data).toHaveLength(12)
    cache.release()
    expect(feeds['past_key_values.0.key']?.data).toHaveLength(0)
  })
})

describe('createCache, handed on', () => {
  test("starts empty, and a pass's output is the next one's input", () => {
    const cache = createCache(session, manifest, 100, false)
    const first = cache.prepare(5)
    expect(first.feeds['past_key_values.0.key']?.dims).toEqual([1, 2, 0, 3])
    expect(first.fetches).toEqual({ 'present.0.key': null, 'present.0.value': null })
    const present = { 'present.0.key': held(1), 'present.0.value': held(2) }
    cache.take(present)

    const { feeds } = cache.prepare(6)

    expect(feeds['past_key_values.0.key']).toBe(present['present.0.key'])
    expect(feeds['past_key_values.0.value']).toBe(present['present.0.value'])
  })
})

test('a pass without a cache is fed with no past', () => {
  const past = emptyPast(session, manifest)

  expect(Object.keys(past)).toEqual(['past_key_values.0.key', 'past_key_values.0.value'])
  expect(past['past_key_values.0.value']?.data).toHaveLength(0)
})
