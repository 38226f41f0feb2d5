import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { byteWindows } from './byte-windows.ts'

const text = fc.string({
  unit: fc.oneof(fc.constantFrom(' ', '\n', 'a', 'é', '漢', '😀', '\ud800', '\udc00')),
  maxLength: 300,
})
const sizes = fc.integer({ min: 16, max: 80 }).chain((windowBytes) =>
  fc.record({
    windowBytes: fc.constant(windowBytes),
    overlapBytes: fc.integer({ min: 0, max: windowBytes >> 1 }),
  }),
)

test('every character is in a window, in order, and no window is larger than it may be', () => {
  fc.assert(
    fc.property(text, sizes, (whole, { windowBytes, overlapBytes }) => {
      let covered = 0
      for (const window of byteWindows(whole, windowBytes, overlapBytes)) {
        const at = whole.lastIndexOf(window, covered)
        expect(at).toBeGreaterThanOrEqual(0)
        expect(Buffer.byteLength(window)).toBeLessThanOrEqual(windowBytes)
        covered = Math.max(covered, at + window.length)
      }

      expect(covered).toBe(whole.length)
    }),
  )
})

test('no code point is cut in two', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 300 }),
      sizes,
      (whole, { windowBytes, overlapBytes }) => {
        for (const window of byteWindows(whole, windowBytes, overlapBytes)) {
          expect(window.isWellFormed()).toBe(whole.isWellFormed())
        }
      },
    ),
  )
})

test('a text that fits has one window, an empty one too; a window ends between words where it can', () => {
  expect(byteWindows('', 16, 8)).toEqual([''])
  expect(byteWindows('sixteen bytes ok', 16, 8)).toEqual(['sixteen bytes ok'])
  expect(byteWindows('one two three four five', 16, 5)).toEqual(['one two three ', 'hree four five'])
})
