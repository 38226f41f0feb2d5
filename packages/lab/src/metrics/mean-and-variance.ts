/** The mean, and the sample variance (n − 1). NaN where there is no score, or no second one for the variance. */
export function meanAndVariance(scores: readonly number[]): { mean: number; variance: number } {
  const n = scores.length
  const mean = scores.reduce((sum, score) => sum + score, 0) / n
  if (n < 2) return { mean, variance: Number.NaN }
  return { mean, variance: scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (n - 1) }
}
