import { meanAndVariance } from './mean-and-variance.ts'

/**
 * How far two sets of scores lie apart, in standard deviations: d′ = (μ₁ − μ₀) / √((σ₁² + σ₀²) / 2), sample variances.
 * ±Infinity where neither varies and the means differ, 0 where they do not; NaN where a side has fewer than two scores.
 */
export function dPrime(positives: readonly number[], negatives: readonly number[]): number {
  const one = meanAndVariance(positives)
  const zero = meanAndVariance(negatives)
  const difference = one.mean - zero.mean
  const spread = Math.sqrt((one.variance + zero.variance) / 2)
  if (spread === 0) return difference === 0 ? 0 : difference * Number.POSITIVE_INFINITY
  return difference / spread
}
