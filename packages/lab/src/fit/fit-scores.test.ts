import { describe, expect, test } from '@jest/globals'
import { firstTokenDivergence } from './first-token-divergence.ts'
import { probabilitiesOf } from './probabilities.ts'
import { refusalScore } from './refusal-score.ts'

const logits = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log)

describe('the refusal score', () => {
  test('is the log-odds of the refusal tokens together', () => {
    expect(refusalScore(logits(0.5, 0.25, 0.25), [0, 1])).toBeCloseTo(Math.log(3), 5)
    expect(refusalScore(logits(0.5, 0.5), [0])).toBeCloseTo(0, 5)
  })

  test('stays finite where the tokens take all or nothing, and is NaN where a logit is', () => {
    expect(refusalScore(Float32Array.of(500, -500), [0])).toBeCloseTo(18.42, 1)
    expect(refusalScore(Float32Array.of(-500, 500), [0])).toBeCloseTo(-18.42, 1)
    expect(refusalScore(Float32Array.of(Number.NaN, 0), [1])).toBeNaN()
  })
})

describe('the first-token divergence', () => {
  test('is 0 for the same logits, and the textbook sum for others', () => {
    const base = probabilitiesOf(logits(0.9, 0.1))

    expect(firstTokenDivergence(base, logits(0.9, 0.1))).toBe(0)
    expect(firstTokenDivergence(base, logits(0.5, 0.5))).toBeCloseTo(
      0.9 * Math.log(0.9 / 0.5) + 0.1 * Math.log(0.1 / 0.5),
      4,
    )
  })

  test('is NaN, never 0, where the changed model broke', () => {
    const base = probabilitiesOf(logits(0.9, 0.1))

    expect(firstTokenDivergence(base, Float32Array.of(Number.NaN, 1))).toBeNaN()
    expect(
      firstTokenDivergence(base, Float32Array.of(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY)),
    ).toBeNaN()
  })
})
