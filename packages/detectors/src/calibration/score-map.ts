/** How a detector's raw number becomes a score in [0, 1]: as `calibration.json` says. */
export type ScoreMap =
  /** sigmoid(a · logit + b). Platt, "Probabilistic outputs for support vector machines", 1999. */
  | { readonly kind: 'platt'; readonly a: number; readonly b: number }
  /** Softmax of logit / t over the output's labels. Guo et al., "On calibration of modern neural networks", 2017. */
  | { readonly kind: 'temperature'; readonly t: number }
  /** The number is a score already. */
  | { readonly kind: 'none' }

/** 1 / (1 + e^−x), without overflow at either end. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}

/**
 * The score of the label at `index` of one output's logits.
 * @param logits float[labels]; all of them are needed, since softmax is over the whole output
 */
export function scoreOf(map: ScoreMap, logits: ArrayLike<number>, index: number): number {
  const logit = logits[index] ?? Number.NaN
  switch (map.kind) {
    case 'platt':
      return sigmoid(map.a * logit + map.b)
    case 'temperature':
      return softmaxAt(logits, index, map.t)
    case 'none':
      return logit
  }
}

function softmaxAt(logits: ArrayLike<number>, index: number, temperature: number): number {
  let largest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logits.length; i++) largest = Math.max(largest, logits[i] ?? Number.NaN)
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += Math.exp(((logits[i] ?? Number.NaN) - largest) / temperature)
  return Math.exp(((logits[index] ?? Number.NaN) - largest) / temperature) / sum
}
