import { describe, expect, it } from '@jest/globals'
import { binomialUpperBound } from './binomial-bound.ts'

describe('binomialUpperBound', () => {
  it.each([
    // Without a hit it is 1 − α^(1/n): the rule of three.
    [0, 10, 0.95, 1 - 0.05 ** (1 / 10)],
    [0, 3_000, 0.95, 1 - 0.05 ** (1 / 3_000)],
    // With all but one, (1 − α)^(1/n): the complement has no hit but one.
    [9, 10, 0.95, 0.95 ** (1 / 10)],
    // scipy.stats.beta.ppf(0.95, 6, 95) and (0.99, 51, 9950).
    [5, 100, 0.95, 0.102_253_3],
    [50, 10_000, 0.99, 0.006_91],
  ])('after %d of %d at %d', (hits, n, confidence, expected) => {
    const bound = binomialUpperBound(hits, n, confidence)

    expect(Math.abs(bound - expected) / expected).toBeLessThan(0.005)
  })

  it('is 1 where nothing was tried, and where all hit', () => {
    expect(binomialUpperBound(0, 0, 0.95)).toBe(1)
    expect(binomialUpperBound(7, 7, 0.95)).toBe(1)
  })

  it('covers: the chance of so few hits under a higher probability is at most α', () => {
    for (const [hits, n] of [
      [0, 40],
      [3, 120],
      [11, 60],
    ] as const) {
      const p = binomialUpperBound(hits, n, 0.9)
      let below = 0
      let term = (1 - p) ** n
      for (let k = 0; k <= hits; k++) {
        below += term
        term *= ((n - k) / (k + 1)) * (p / (1 - p))
      }

      expect(below).toBeCloseTo(0.1, 6)
    }
  })
})
