/** A share that was counted, and between which shares the true one lies. */
export interface Share {
  /** How often it happened. */
  readonly hits: number
  /** Of how many, 0 or more. */
  readonly n: number
  /** hits / n in [0, 1]; NaN where n is 0. */
  readonly share: number
  /** Ends of the interval, in [0, 1]. */
  readonly low: number
  readonly high: number
}

/** The 97.5 % quantile of the normal distribution: two-sided 95 %. */
const NORMAL_QUANTILE_95 = 1.959963984540054

/**
 * The share of hits with its two-sided score interval (Wilson 1927), without continuity correction. [0, 1] where n is 0.
 * @param hits whole number in [0, n]
 * @param quantile of the normal distribution. @default 1.96, two-sided 95 %
 */
export function wilsonInterval(hits: number, n: number, quantile = NORMAL_QUANTILE_95): Share {
  if (n === 0) return { hits, n, share: Number.NaN, low: 0, high: 1 }
  const share = hits / n
  const square = quantile * quantile
  const center = (share + square / (2 * n)) / (1 + square / n)
  const half = (quantile / (1 + square / n)) * Math.sqrt((share * (1 - share)) / n + square / (4 * n * n))
  return {
    hits,
    n,
    share,
    low: hits === 0 ? 0 : Math.max(0, center - half),
    high: hits === n ? 1 : Math.min(1, center + half),
  }
}
