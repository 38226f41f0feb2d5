import { binomialCumulative } from './binomial-cumulative.ts'

/**
 * The exact upper bound on a probability after `hits` in `n` independent trials, one-sided (Clopper and Pearson 1934): the
 * p with P(X ≤ hits; n, p) = 1 − confidence, to 12 digits. 1 where nothing was tried, or where all hit.
 * @param confidence in (0, 1)
 */
export function binomialUpperBound(hits: number, n: number, confidence: number): number {
  if (n === 0 || hits >= n) return 1
  const alpha = 1 - confidence
  let [low, high] = [hits / n, 1]
  for (let turn = 0; turn < 60; turn++) {
    const middle = (low + high) / 2
    if (binomialCumulative(hits, n, middle) > alpha) low = middle
    else high = middle
  }
  return high
}
