import { probabilitiesOf } from './probabilities.ts'

const EPSILON = 1e-6

/**
 * How much an intervention changes the first answer token: the Kullback-Leibler divergence Σ p (log(p + ε) − log(q + ε)) in nats of
 * the changed model's probabilities q from the untouched model's p, ε as published (Arditi et al. 2024). About 0 or above.
 * @param base probabilities of the untouched model, float64[vocabulary]
 * @param logits float32[vocabulary] of the changed model
 */
export function firstTokenDivergence(base: Float64Array, logits: Float32Array): number {
  const changed = probabilitiesOf(logits)
  let divergence = 0
  for (let i = 0; i < base.length; i++) {
    const p = base[i] ?? Number.NaN
    divergence += p * (Math.log(p + EPSILON) - Math.log((changed[i] ?? Number.NaN) + EPSILON))
  }
  return divergence
}
