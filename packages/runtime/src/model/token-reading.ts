import { fault } from '../errors/codes.ts'
import type { Site } from '../graph/site.ts'
import type { DecoderManifest } from './manifest.ts'
import type { Tensors } from './onnx-session.ts'

/**
 * A linear reading of single tokens: weight · t(x) + bias, one number a token. It is computed beside the model, so that
 * a long text costs a number for each of its tokens and not a row of activations.
 */
export interface TokenReading {
  readonly site: Site
  /** float32[hidden] */
  readonly weight: Float32Array
  readonly bias: number
  /** Dimensions that are set to 0 before anything else: massive ones. @default none */
  readonly dropDimensions?: readonly number[]
  /** `l2` brings a row to length 1 first; a row of zeros stays zero. */
  readonly normalise: 'none' | 'l2'
}

/**
 * One number for each token of a pass, in double precision inside.
 * @param tokens how many tokens the pass had
 * @throws `PARAPET_MODEL_OUTPUT_MALFORMED` where the graph's numbers are of another size or not finite
 */
export function readTokenValues(
  reading: TokenReading,
  results: Tensors,
  tokens: number,
  { hidden, id: model }: DecoderManifest,
): Float32Array {
  const { site, weight, bias, dropDimensions = [], normalise } = reading
  const malformed = (received: string, expected: string) =>
    fault('PARAPET_MODEL_OUTPUT_MALFORMED', { model, output: site, received, expected })
  const data = results[site]?.data
  if (!(data instanceof Float32Array) || data.length !== tokens * hidden) {
    throw malformed(
      data instanceof Float32Array ? `${data.length} numbers` : 'not float32',
      `${tokens * hidden} numbers`,
    )
  }
  const dropped = new Set(dropDimensions)
  const kept = Array.from({ length: hidden }, (_, dimension) => dimension).filter((at) => !dropped.has(at))
  const values = new Float32Array(tokens)
  for (let token = 0; token < tokens; token += 1) {
    let sum = 0
    let squares = 0
    for (const dimension of kept) {
      const value = data[token * hidden + dimension] ?? Number.NaN
      sum += value * (weight[dimension] ?? Number.NaN)
      squares += value * value
    }
    const length = normalise === 'l2' && squares > 0 ? Math.sqrt(squares) : 1
    values[token] = sum / length + bias
  }
  if (!values.every(Number.isFinite)) throw malformed('not finite', 'finite numbers')
  return values
}
