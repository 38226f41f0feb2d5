import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { tokenWindows } from './token-windows.ts'

const range = (length: number) => Array.from({ length }, (_, index) => index)

test('every token is in a window, in order, and no window is longer than it may be', () => {
  const sizes = fc
    .integer({ min: 1, max: 20 })
    .chain((size) =>
      fc.record({ size: fc.constant(size), stride: fc.integer({ min: 1, max: size }), length: fc.nat(100) }),
    )
  fc.assert(
    fc.property(sizes, ({ size, stride, length }) => {
      const windows = tokenWindows(range(length), size, stride)

      expect([...new Set(windows.flat())]).toEqual(range(length))
      for (const [index, window] of windows.entries()) {
        expect(window.length).toBeLessThanOrEqual(size)
        if (window.length > 0) expect(window[0]).toBe(index * stride)
      }
    }),
  )
})

test('a text that fits has one window, an empty one too', () => {
  expect(tokenWindows(range(16), 16, 8)).toHaveLength(1)
  expect(tokenWindows([], 16, 8)).toEqual([[]])
  expect(tokenWindows(range(17), 16, 8)).toEqual([range(16), range(17).slice(8)])
})
