/**
 * The probabilities of the next token, softmax in double precision; NaN throughout where a logit is NaN or all are −Infinity.
 * @param logits float32[vocabulary]
 */
export function probabilitiesOf(logits: Float32Array): Float64Array {
  let highest = Number.NEGATIVE_INFINITY
  for (const logit of logits) highest = Math.max(highest, logit)
  const probabilities = new Float64Array(logits.length)
  let sum = 0
  for (let i = 0; i < logits.length; i++) {
    const weight = Math.exp((logits[i] ?? Number.NaN) - highest)
    probabilities[i] = weight
    sum += weight
  }
  for (let i = 0; i < probabilities.length; i++) probabilities[i] = (probabilities[i] ?? Number.NaN) / sum
  return probabilities
}
