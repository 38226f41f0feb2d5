import { binomialUpperBound } from './binomial-bound.ts'
import { binomialCumulative } from './binomial-cumulative.ts'
import { type ReviewedSample, thinned } from './reviewed-sample.ts'

/** What a threshold may cost. */
export interface ThresholdGoal {
  /** The most of benign texts that may be flagged, as a share in (0, 1). */
  readonly rate: number
  /** How sure of that, in (0, 1). */
  readonly confidence: number
}

/** A threshold, and what is known of it. */
export interface ThresholdEvidence {
  /** The lowest threshold whose bound is within the rate; undefined when the samples are too few to say so of any. */
  readonly threshold: number | undefined
  /** Samples that a person decided, and of them benign and harmful. */
  readonly n: number
  readonly benign: number
  readonly harmful: number
  /** Samples that were drawn too, and that nobody decided. */
  readonly undecided: number
  /**
   * Benign ones left when all are as if drawn with the same probability, and undecided ones that reach the threshold, each
   * taken for benign: what the bound rests on.
   */
  readonly boundN: number
  /** Of these, how many reach the threshold. */
  readonly boundHits: number
  /** No more than this share of benign texts is flagged, with the confidence asked for: exact, Clopper and Pearson. */
  readonly falsePositiveBound: number
  /** The shares themselves, each sample weighed by 1 / probability. Undefined without samples of the kind. */
  readonly falsePositiveRate: number | undefined
  readonly recall: number | undefined
  /** The lowest score among the decided samples: nothing is known of what scores less. */
  readonly lowestScore: number | undefined
  /** How many benign samples, none of them flagged, the bound would need. */
  readonly needed: number
}

/** Thresholds that are tried, from the strictest down: fixed before anybody looked at a sample. */
const STEPS = 1_000

/**
 * Learns the threshold of a label from samples drawn at random. Thresholds are tried from 1 down on a grid that no sample
 * moves, and the last before the first whose bound is over the rate is taken: tested in a fixed order, they hold together
 * with the confidence of one. A bound is on traffic like that of the samples; it says nothing of another time or policy. An
 * undecided sample counts as whatever is worse: as a benign one that is flagged, or not at all.
 */
export function learnThreshold(
  samples: readonly ReviewedSample[],
  { rate, confidence }: ThresholdGoal,
): ThresholdEvidence {
  const kept = thinned(samples)
  const scoresOf = (said: boolean | undefined) =>
    kept
      .filter(({ harmful }) => harmful === said)
      .map(({ score }) => score)
      .sort((one, other) => other - one)
  const [benign, undecided] = [scoresOf(false), scoresOf(undefined)]
  const decided = samples.filter(({ harmful }) => harmful !== undefined)
  const lowestScore = decided.reduce((least, { score }) => Math.min(least, score), Number.POSITIVE_INFINITY)
  let found: { threshold: number; hits: number; n: number } | undefined
  // The bound is over the rate exactly when so few hits would be no surprise at that rate: cheaper than the bound itself.
  const isWithin = (some: number, n: number) =>
    n > some && binomialCumulative(some, n, rate) <= 1 - confidence
  let [flaggedBenign, flaggedUndecided] = [0, 0]
  for (let step = STEPS; step >= 0; step--) {
    const threshold = step / STEPS
    // Below the lowest score of the samples nothing was drawn: there is nothing to be said.
    if (threshold < lowestScore) break
    flaggedBenign = countFrom(benign, threshold, flaggedBenign)
    flaggedUndecided = countFrom(undecided, threshold, flaggedUndecided)
    const hits = flaggedBenign + flaggedUndecided
    const n = benign.length + flaggedUndecided
    if (found?.hits !== hits && !isWithin(hits, n)) break
    found = { threshold, hits, n }
  }
  const flagged = ({ score }: ReviewedSample) => found !== undefined && score >= found.threshold
  const ofKind = (harmful: boolean) => samples.filter((sample) => sample.harmful === harmful)
  return {
    threshold: found?.threshold,
    n: decided.length,
    benign: ofKind(false).length,
    harmful: ofKind(true).length,
    undecided: samples.length - decided.length,
    boundN: found?.n ?? benign.length,
    boundHits: found?.hits ?? 0,
    falsePositiveBound: binomialUpperBound(found?.hits ?? 0, found?.n ?? benign.length, confidence),
    falsePositiveRate: weightedShare(ofKind(false), flagged),
    recall: weightedShare(ofKind(true), flagged),
    lowestScore: Number.isFinite(lowestScore) ? lowestScore : undefined,
    needed: Math.ceil(Math.log(1 - confidence) / Math.log1p(-rate)),
  }
}

/** How many of the scores, which descend, reach the threshold: `from` of them did at a higher one. */
function countFrom(scores: readonly number[], threshold: number, from: number): number {
  let count = from
  while (count < scores.length && (scores[count] as number) >= threshold) count += 1
  return count
}

/** The share of a population, estimated by weighing each of its samples by 1 / probability (Hájek). */
function weightedShare(
  samples: readonly ReviewedSample[],
  counts: (sample: ReviewedSample) => boolean,
): number | undefined {
  const weigh = (some: readonly ReviewedSample[]) =>
    some.reduce((sum, { probability }) => sum + 1 / probability, 0)
  return samples.length === 0 ? undefined : weigh(samples.filter(counts)) / weigh(samples)
}
