import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { LeastRecentlyUsed } from './least-recently-used.ts'

test('the entry that was asked for longest ago makes room', () => {
  const kept = new LeastRecentlyUsed<string, number>(2)
  kept.set('a', 1)
  kept.set('b', 2)
  kept.get('a')

  kept.set('c', 3)

  expect([kept.get('a'), kept.get('b'), kept.get('c')]).toEqual([1, undefined, 3])
})

test('it never holds more than its capacity', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 })),
      fc.integer({ min: 1, max: 5 }),
      (keys, capacity) => {
        const kept = new LeastRecentlyUsed<number, number>(capacity)
        for (const key of keys) kept.set(key, key)

        expect(kept.size).toBe(Math.min(capacity, new Set(keys).size))
      },
    ),
  )
})
