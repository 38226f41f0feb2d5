import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { auroc } from './auroc.ts'
import { dPrime } from './d-prime.ts'
import { wilsonInterval } from './interval.ts'
import { truePositiveRateAt } from './true-positive-rate.ts'

const scores = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 40 })

describe('the Wilson interval', () => {
  // The ends by the formula of Brown, Cai and DasGupta 2001, section 3.1.1, computed apart in Python.
  test.each([
    [0, 10, 0, 0.2775328],
    [5, 10, 0.2365931, 0.7634069],
    [95, 100, 0.8882496, 0.9784562],
  ])('of %i in %i is [%f, %f]', (hits, n, low, high) => {
    const interval = wilsonInterval(hits, n)

    expect(interval.low).toBeCloseTo(low, 6)
    expect(interval.high).toBeCloseTo(high, 6)
  })

  test('holds the share, stays in [0, 1], and is everything where nothing was counted', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (a, b) => {
        const { low, high, share } = wilsonInterval(Math.min(a, b), Math.max(a, b, 1))
        expect(low).toBeLessThanOrEqual(share)
        expect(high).toBeGreaterThanOrEqual(share)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
      }),
    )
    expect(wilsonInterval(0, 0)).toMatchObject({ low: 0, high: 1, share: Number.NaN })
  })
})

describe('AUROC', () => {
  test('is the share of pairs in the right order, ties counted half', () => {
    fc.assert(
      fc.property(scores, scores, (positives, negatives) => {
        const pairs = positives.flatMap((p) => negatives.map((n) => (p > n ? 1 : p === n ? 0.5 : 0)))
        const share = pairs.reduce<number>((sum, pair) => sum + pair, 0) / pairs.length
        expect(auroc(positives, negatives)).toBeCloseTo(share, 10)
      }),
    )
  })

  test('is no number where a side is empty or a score is none', () => {
    expect(auroc([], [1])).toBeNaN()
    expect(auroc([1, Number.NaN], [1])).toBeNaN()
  })
})

describe("d'", () => {
  test('is the difference of the means in standard deviations', () => {
    expect(dPrime([3, 5], [0, 2])).toBeCloseTo(3 / Math.SQRT2, 10)
  })

  test('is infinite where two constants differ, 0 where they do not', () => {
    expect(dPrime([2, 2], [1, 1])).toBe(Number.POSITIVE_INFINITY)
    expect(dPrime([1, 1], [2, 2])).toBe(Number.NEGATIVE_INFINITY)
    expect(dPrime([1, 1], [1, 1])).toBe(0)
  })
})

describe('the true-positive rate at a false-positive rate', () => {
  test('never flags more of the negatives than allowed, and counts what is above', () => {
    fc.assert(
      fc.property(
        scores,
        scores,
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (positives, negatives, rate) => {
          const { threshold, truePositives, falsePositives } = truePositiveRateAt(positives, negatives, rate)
          expect(falsePositives.hits).toBeLessThanOrEqual(rate * negatives.length + 1e-6)
          expect(truePositives.hits).toBe(positives.filter((score) => score > threshold).length)
        },
      ),
    )
  })

  test('flags one in a hundred negatives at 1 %', () => {
    const negatives = Array.from({ length: 100 }, (_, i) => i)

    const { threshold, truePositives, falsePositives } = truePositiveRateAt([98.5, 50], negatives, 0.01)

    expect(threshold).toBe(98)
    expect(falsePositives.hits).toBe(1)
    expect(truePositives.hits).toBe(1)
  })
})
