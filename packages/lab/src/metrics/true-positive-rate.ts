import { type Share, wilsonInterval } from './interval.ts'

/** How much is caught when a share of the benign may be flagged. */
export interface RateAtRate {
  /** A score is flagged when it is above this. */
  readonly threshold: number
  readonly truePositives: Share
  readonly falsePositives: Share
}

/**
 * The share of positives above the threshold that at most `rate` of the negatives are above. Where there are ties at the threshold
 * fewer negatives are flagged than were allowed, never more.
 * @param rate share of the negatives that may be flagged, in [0, 1)
 */
export function truePositiveRateAt(
  positives: readonly number[],
  negatives: readonly number[],
  rate: number,
): RateAtRate {
  const allowed = Math.floor(rate * negatives.length + 1e-9)
  const threshold = negatives.toSorted((a, b) => b - a)[allowed] ?? Number.NEGATIVE_INFINITY
  const above = (scores: readonly number[]) => scores.filter((score) => score > threshold).length
  return {
    threshold,
    truePositives: wilsonInterval(above(positives), positives.length),
    falsePositives: wilsonInterval(above(negatives), negatives.length),
  }
}
