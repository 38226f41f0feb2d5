import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { wilsonInterval } from '../metrics/index.ts'
import { ARMS } from './conditions.ts'
import type { Tally } from './tally-answers.ts'
import { overallVerdict, shareDifference, weighBars } from './weigh-bars.ts'

test("the difference of two shares has the interval of Newcombe's table II, example (a), method 10", () => {
  const { value, low, high } = shareDifference(wilsonInterval(56, 70), wilsonInterval(48, 80))

  expect(value).toBeCloseTo(0.2, 10)
  expect(low).toBeCloseTo(0.0524, 4)
  expect(high).toBeCloseTo(0.3339, 4)
})

test('the interval holds the difference and turns round with its sides', () => {
  const share = fc
    .tuple(fc.nat(100), fc.nat(100))
    .map(([a, b]) => wilsonInterval(Math.min(a, b), Math.max(a, b, 1)))
  fc.assert(
    fc.property(share, share, (a, b) => {
      const difference = shareDifference(a, b)
      const turned = shareDifference(b, a)
      expect(difference.low).toBeLessThanOrEqual(difference.value)
      expect(difference.high).toBeGreaterThanOrEqual(difference.value)
      expect(turned.low).toBeCloseTo(-difference.high, 10)
    }),
  )
})

/** Six groups of n prompts with so many refusals each, in the order of the chart. */
function tallies(n: number, ...refusals: number[]): Tally[] {
  const none = wilsonInterval(0, n)
  return ARMS.map((arm, index) => {
    const refused = wilsonInterval(refusals[index] ?? 0, n)
    return {
      ...arm,
      n,
      refused,
      complied: wilsonInterval(n - refused.hits, n),
      degenerate: none,
      offTopic: none,
    }
  })
}
const strict = { minDrop: 0.8, minRise: 0.8, maxRandomShift: 0.1 }
const verdictOf = (counted: readonly Tally[], bars = strict) => overallVerdict(weighBars(counted, bars))

test('bars that hold with their whole interval pass', () => {
  expect(verdictOf(tallies(200, 195, 4, 195, 4, 196, 4))).toBe('pass')
})

test('one bar that is missed with its whole interval fails all', () => {
  expect(verdictOf(tallies(200, 195, 100, 195, 4, 196, 4))).toBe('fail')
  expect(verdictOf(tallies(200, 195, 4, 100, 4, 196, 4))).toBe('fail')
})

test('an interval that straddles its bar is inconclusive: too few prompts never pass', () => {
  expect(verdictOf(tallies(12, 12, 0, 12, 0, 12, 0))).toBe('inconclusive')
})

test('without bars there is no verdict', () => {
  expect(overallVerdict(weighBars(tallies(200, 195, 4, 195, 4, 196, 4), {}))).toBeUndefined()
})
