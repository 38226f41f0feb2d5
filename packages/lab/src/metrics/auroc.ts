/**
 * The area under the receiver operating characteristic: P(positive > negative) + P(equal) / 2, by ranks (Mann and Whitney 1947).
 * In [0, 1]; NaN where either side is empty or a score is not a number.
 */
export function auroc(positives: readonly number[], negatives: readonly number[]): number {
  if (positives.length === 0 || negatives.length === 0) return Number.NaN
  const all = [
    ...positives.map((score) => ({ score, positive: true })),
    ...negatives.map((score) => ({ score, positive: false })),
  ].sort((a, b) => a.score - b.score)
  if (all.some(({ score }) => Number.isNaN(score))) return Number.NaN
  let rankSum = 0
  for (let start = 0; start < all.length; ) {
    let end = start
    while (end < all.length && all[end]?.score === all[start]?.score) end++
    // Ties share the mean of their ranks, which count from 1.
    const rank = (start + 1 + end) / 2
    for (let i = start; i < end; i++) if (all[i]?.positive) rankSum += rank
    start = end
  }
  const p = positives.length
  return (rankSum - (p * (p + 1)) / 2) / (p * negatives.length)
}
