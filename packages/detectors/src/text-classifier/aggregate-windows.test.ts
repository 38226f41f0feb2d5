import { expect, test } from '@jest/globals'
import { aggregateWindows } from './aggregate-windows.ts'

test('maximum takes the strongest window of each label', () => {
  expect([
    ...aggregateWindows(
      [
        [1, -2],
        [0, 5],
      ],
      'maximum',
    ),
  ]).toEqual([1, 5])
})

test('mean of logits takes the mean window', () => {
  expect([
    ...aggregateWindows(
      [
        [1, -2],
        [0, 5],
      ],
      'mean-of-logits',
    ),
  ]).toEqual([0.5, 1.5])
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'a window with %s shows in its label, also where another window is the maximum',
  (value) => {
    expect([
      ...aggregateWindows(
        [
          [value, 1],
          [3, 1],
        ],
        'maximum',
      ),
    ]).toEqual([Number.NaN, 1])
  },
)
