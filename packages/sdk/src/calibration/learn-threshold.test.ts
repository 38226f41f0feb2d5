import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { SEED } from '../testing/seed.ts'
import { learnThreshold } from './learn-threshold.ts'
import { type ReviewedSample, thinned } from './reviewed-sample.ts'

const GOAL = { rate: 0.05, confidence: 0.95 }

/** A generator of numbers in [0, 1) that gives the same each time. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Benign texts score evenly; harmful ones high. What scores less than a half is drawn more seldom. */
function drawn(count: number, next: () => number, low = 0.1): ReviewedSample[] {
  const samples: ReviewedSample[] = []
  for (let index = 0; samples.length < count; index++) {
    const harmful = next() < 0.2
    const score = harmful ? 0.6 + 0.4 * next() : next()
    const probability = score < 0.5 ? low : 1
    if (next() < probability) samples.push({ id: `item-${index}-${next()}`, score, harmful, probability })
  }
  return samples
}

describe('learnThreshold', () => {
  it('finds the threshold that flags the share of benign texts, and weighs what was drawn seldom', () => {
    const evidence = learnThreshold(drawn(20_000, numbers(7)), GOAL)

    // Benign texts score evenly, so that 5 % of them lie over 0.95.
    expect(evidence.threshold).toBeGreaterThan(0.95)
    expect(evidence.threshold).toBeLessThan(0.975)
    expect(evidence.falsePositiveRate).toBeCloseTo(1 - (evidence.threshold ?? 0), 1)
    expect(evidence.falsePositiveBound).toBeLessThanOrEqual(0.05)
    expect(evidence.recall).toBeGreaterThan(0.05)
    expect(evidence.boundN).toBeLessThan(evidence.benign)
  })

  it('would be far off without the weights', () => {
    const samples = drawn(20_000, numbers(7))
    const unweighted = learnThreshold(
      samples.map((sample) => ({ ...sample, probability: 1 })),
      { ...GOAL, rate: 0.2 },
    )
    const weighted = learnThreshold(samples, { ...GOAL, rate: 0.2 })

    expect(weighted.threshold).toBeLessThan(0.83)
    expect(unweighted.threshold).toBeGreaterThan(0.86)
  })

  it('keeps its promise: the true rate is over the asked one in no more runs than the confidence allows', () => {
    const next = numbers(11)
    let broken = 0
    const runs = 400
    for (let run = 0; run < runs; run++) {
      const { threshold = 1 } = learnThreshold(drawn(400, next), { rate: 0.1, confidence: 0.9 })
      if (1 - threshold > 0.1) broken += 1
    }

    // At most a tenth, give or take four standard deviations.
    expect(broken).toBeLessThan(runs * 0.1 + 4 * Math.sqrt(runs * 0.1 * 0.9))
    expect(broken).toBeGreaterThan(0)
  })

  it('says nothing where the samples are too few, and how many it would take', () => {
    const few = Array.from({ length: 58 }, (_, index) => ({
      id: `item-${index}`,
      score: 0.1,
      harmful: false,
      probability: 1,
    }))
    const one = { id: 'one', score: 0.1, harmful: false, probability: 1 }

    expect(learnThreshold(few, GOAL)).toMatchObject({ threshold: undefined, boundN: 58, needed: 59 })
    expect(learnThreshold([...few, one], GOAL).threshold).toBe(0.101)
    expect(learnThreshold([], GOAL)).toMatchObject({ threshold: undefined, falsePositiveBound: 1 })
  })

  it('never goes below the lowest score that was drawn', () => {
    const samples = Array.from({ length: 500 }, (_, index) => ({
      id: `item-${index}`,
      score: 0.7 + (index % 3) / 1_000,
      harmful: true,
      probability: 1,
    }))
    const benign = Array.from({ length: 500 }, (_, index) => ({
      id: `benign-${index}`,
      score: 0.7,
      harmful: false,
      probability: 1,
    }))

    expect(learnThreshold([...samples, ...benign], GOAL).threshold).toBe(0.701)
    expect(learnThreshold(samples, GOAL).threshold).toBeUndefined()
  })

  it('does not depend on the order of the samples, and a stricter rate never gives a lower threshold', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(0.02, 0.05, 0.1), (seed, rate) => {
        const samples = drawn(300, numbers(seed))
        const found = learnThreshold(samples, { ...GOAL, rate })

        expect(learnThreshold([...samples].reverse(), { ...GOAL, rate }).threshold).toBe(found.threshold)
        const looser = learnThreshold(samples, { ...GOAL, rate: rate * 2 }).threshold ?? 1
        expect(looser).toBeLessThanOrEqual(found.threshold ?? 1)
      }),
      { seed: SEED, numRuns: 30 },
    )
  })
})

describe('thinned', () => {
  it('keeps of each probability what the lowest would have drawn', () => {
    const samples = drawn(20_000, numbers(3), 0.25)

    const kept = thinned(samples)

    const shareOf = (probability: number) =>
      kept.filter((sample) => sample.probability === probability).length /
      samples.filter((sample) => sample.probability === probability).length
    expect(shareOf(0.25)).toBe(1)
    expect(shareOf(1)).toBeCloseTo(0.25, 1)
  })
})
