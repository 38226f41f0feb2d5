/** A score as log-odds: scale · score + bias. */
export interface LogOddsMap {
  readonly scale: number
  readonly bias: number
}

/**
 * Fits the log-odds of a score (Platt 1999, by Newton's method as Lin, Lin and Weng 2007 do it, appendix). The targets are drawn in
 * a little from 0 and 1, so that classes which the score parts cleanly give a finite scale.
 */
export function fitLogOdds(positives: readonly number[], negatives: readonly number[]): LogOddsMap {
  const all = [...positives, ...negatives]
  const mean = all.reduce((sum, score) => sum + score, 0) / all.length
  const spread = Math.sqrt(all.reduce((sum, score) => sum + (score - mean) ** 2, 0) / all.length) || 1
  const high = (positives.length + 1) / (positives.length + 2)
  const low = 1 / (negatives.length + 2)
  // In standard units, so that one stopping rule fits every scale.
  const rows = [
    ...positives.map((score) => ({ x: (score - mean) / spread, target: high })),
    ...negatives.map((score) => ({ x: (score - mean) / spread, target: low })),
  ]
  let [a, b] = [0, Math.log((positives.length + 1) / (negatives.length + 1))]
  let loss = lossOf(rows, a, b)
  for (let turn = 0; turn < 100; turn++) {
    let [gradientA, gradientB, aa, ab, bb] = [0, 0, 1e-12, 0, 1e-12]
    for (const { x, target } of rows) {
      const p = 1 / (1 + Math.exp(-(a * x + b)))
      gradientA += (p - target) * x
      gradientB += p - target
      aa += p * (1 - p) * x * x
      ab += p * (1 - p) * x
      bb += p * (1 - p)
    }
    if (Math.abs(gradientA) < 1e-9 && Math.abs(gradientB) < 1e-9) break
    const determinant = aa * bb - ab * ab
    const stepA = -(bb * gradientA - ab * gradientB) / determinant
    const stepB = -(aa * gradientB - ab * gradientA) / determinant
    let size = 1
    while (size > 1e-10 && !(lossOf(rows, a + size * stepA, b + size * stepB) < loss)) size /= 2
    if (size <= 1e-10) break
    a += size * stepA
    b += size * stepB
    loss = lossOf(rows, a, b)
  }
  return { scale: a / spread, bias: b - (a * mean) / spread }
}

function lossOf(
  rows: readonly { readonly x: number; readonly target: number }[],
  a: number,
  b: number,
): number {
  let loss = 0
  for (const { x, target } of rows) {
    const logit = a * x + b
    // log(1 + e^z) without overflow.
    loss += Math.max(logit, 0) + Math.log1p(Math.exp(-Math.abs(logit))) - target * logit
  }
  return loss
}
