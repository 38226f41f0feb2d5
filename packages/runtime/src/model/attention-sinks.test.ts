import { describe, expect, test } from '@jest/globals'
import { rowNorms, sinkMemory, sinksOf } from './attention-sinks.ts'

describe('sinksOf', () => {
  test('the first token is one, whatever its norm', () => {
    expect([...sinksOf([1, 1, 1, 1])]).toEqual([0])
    expect([...sinksOf([])]).toEqual([0])
  })

  test('every massive outlier is one, and nothing under ten times the median', () => {
    expect([...sinksOf([25_000, 300, 250, 2_400, 9_000, 200, 240])]).toEqual([0, 4])
  })

  test('a prompt without spread has none but the first, also where everything is 0', () => {
    expect([...sinksOf([0, 0, 0])]).toEqual([0])
  })
})

test('rowNorms gives the length of each row', () => {
  expect(rowNorms(Float32Array.of(3, 4, 0, 0, 0, 2), 2)).toEqual([5, 0, 2])
})

describe('sinkMemory', () => {
  test('knows a prompt again by its tokens, and no other', () => {
    const memory = sinkMemory()

    memory.set([1, 2, 3], new Set([0, 2]))

    expect(memory.get([1, 2, 3])).toEqual(new Set([0, 2]))
    expect(memory.get([1, 2])).toBeUndefined()
    expect(memory.get([1, 2, 259])).toBeUndefined()
  })

  test('is bounded: the oldest prompt goes first', () => {
    const memory = sinkMemory()

    for (let prompt = 0; prompt < 4097; prompt += 1) memory.set([prompt], new Set([0]))

    expect(memory.get([0])).toBeUndefined()
    expect(memory.get([1])).toBeDefined()
    expect(memory.get([4096])).toBeDefined()
  })
})
