import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { highestRollingMean } from './rolling-mean.ts'

/** The definition, word by word. */
function byDefinition(values: readonly number[], window: number): number {
  const width = Math.min(window, values.length)
  const means = values
    .slice(0, values.length - width + 1)
    .map((_, start) => values.slice(start, start + width).reduce((sum, value) => sum + value, 0) / width)
  return Math.max(...means)
}

test('it is the highest mean of any window', () => {
  const value = fc.integer({ min: -1000, max: 1000 })
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 40 }),
      (values, window) => {
        expect(highestRollingMean(values, window)).toBeCloseTo(byDefinition(values, window), 9)
      },
    ),
  )
})

test('text that is added never lowers it, once a window is full', () => {
  const value = fc.integer({ min: -1000, max: 1000 })
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 8, maxLength: 30 }),
      fc.array(value, { maxLength: 30 }),
      (text, more) => {
        expect(highestRollingMean([...text, ...more], 8)).toBeGreaterThanOrEqual(
          highestRollingMean(text, 8) - 1e-9,
        )
      },
    ),
  )
})

test.each([
  ['no values', []],
  ['a value that is no number', [1, Number.NaN, 1]],
])('%s give no number', (_, values) => {
  expect(highestRollingMean(values, 2)).toBeNaN()
})
