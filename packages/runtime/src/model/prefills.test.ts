import { expect, test } from '@jest/globals'
import { createPrefills, type Prefill } from './prefills.ts'

function prefill(prompt: readonly number[]) {
  let released = 0
  const cache = {
    prepare: () => ({ feeds: {}, fetches: {} }),
    take: () => {},
    keepFirst: () => {},
    release: () => {
      released += 1
    },
  }
  const one: Prefill = { prompt, cache, logits: new Float32Array(1) }
  return { one, released: () => released }
}

test('a prompt is taken as often as it was read', () => {
  const kept = createPrefills(10)
  const [first, second] = [prefill([1, 2]).one, prefill([1, 2]).one]
  kept.keep(first)
  kept.keep(second)

  expect([kept.take([1, 2]), kept.take([1, 2]), kept.take([1, 2])]).toEqual([first, second, undefined])
})

test.each([[[1]], [[1, 2, 3]], [[1, 3]], [[]]])('the prompt %j takes nothing of another', (prompt) => {
  const kept = createPrefills(10)
  kept.keep(prefill([1, 2]).one)

  expect(kept.take(prompt)).toBeUndefined()
})

test('beyond its tokens the oldest goes, and gives its memory back once', () => {
  const kept = createPrefills(5)
  const [oldest, newer] = [prefill([1, 2]), prefill([3, 4])]
  kept.keep(oldest.one)
  kept.keep(newer.one)
  kept.keep(prefill([5, 6]).one)

  expect([oldest.released(), newer.released()]).toEqual([1, 0])
  kept.release()
  expect([oldest.released(), newer.released()]).toEqual([1, 1])
})

test('what was taken counts no more, and is not released here', () => {
  const kept = createPrefills(4)
  const [taken, stays] = [prefill([1, 2, 3]), prefill([4])]
  kept.keep(taken.one)
  kept.keep(stays.one)
  kept.take([1, 2, 3])
  kept.keep(prefill([5, 6, 7]).one)
  expect(stays.released()).toBe(0)
  kept.release()

  expect([taken.released(), stays.released()]).toEqual([0, 1])
})

test('a prompt that is larger than all there is room for is not kept', () => {
  const kept = createPrefills(1)
  const large = prefill([1, 2])
  kept.keep(large.one)

  expect(large.released()).toBe(1)
  expect(kept.take([1, 2])).toBeUndefined()
})
