import { expect, test } from '@jest/globals'
import { type Continuation, createContinuations, sharedLength } from './continuations.ts'

function continuation(prompt: readonly number[], answer: readonly number[], asked = 'a') {
  let released = 0
  const cache = {
    prepare: () => ({ feeds: {}, fetches: {} }),
    take: () => {},
    keepFirst: () => {},
    release: () => {
      released += 1
    },
  }
  const one: Continuation = { asked, prompt, answer, cache, rows: [], readings: [] }
  return { one, released: () => released }
}

test('the one that has read most of an answer is taken, once', () => {
  const kept = createContinuations()
  const short = continuation([1, 2], [3]).one
  const long = continuation([1, 2], [3, 4, 5]).one
  kept.keep(short)
  kept.keep(long)

  expect(kept.take('a', [1, 2], [3, 4, 9])).toBe(long)
  expect(kept.take('a', [1, 2], [3, 4, 9])).toBe(short)
  expect(kept.take('a', [1, 2], [3, 4, 9])).toBeUndefined()
})

test.each([
  ['another prompt', 'a', [1]],
  ['a prompt that goes on', 'a', [1, 2, 3]],
  ['another reading', 'b', [1, 2]],
])('%s takes nothing', (_, asked, prompt) => {
  const kept = createContinuations()
  kept.keep(continuation([1, 2], [3]).one)

  expect(kept.take(asked, prompt, [3])).toBeUndefined()
})

test('beyond its tokens the oldest goes, and gives its memory back once', () => {
  const kept = createContinuations(6)
  const oldest = continuation([1, 2], [3])
  const newer = continuation([4, 5], [6])
  kept.keep(oldest.one)
  kept.keep(newer.one)
  kept.keep(continuation([7], [8]).one)

  expect([oldest.released(), newer.released()]).toEqual([1, 0])
  kept.release()
  expect([oldest.released(), newer.released()]).toEqual([1, 1])
})

test('one that is larger than all there is room for is not kept', () => {
  const kept = createContinuations(2)
  const large = continuation([1, 2], [3])
  kept.keep(large.one)

  expect(large.released()).toBe(1)
  expect(kept.take('a', [1, 2], [3])).toBeUndefined()
})

test('texts share their leading tokens', () => {
  expect([sharedLength([1, 2, 3], [1, 2, 4]), sharedLength([1], [1, 2]), sharedLength([], [1])]).toEqual([
    2, 1, 0,
  ])
})
