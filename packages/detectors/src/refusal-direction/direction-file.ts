import { blockOf, type ReadSite, type TokenReading } from '@parapet/runtime'
import { fault } from '../errors/codes.ts'
import { type DirectionMetadata, directionSchema } from './direction-schema.ts'
import { parseSafetensors, SafetensorsError, type SafetensorsFile } from './safetensors.ts'

export const READINGS = ['harmfulness', 'refusal'] as const
export type ReadingName = (typeof READINGS)[number]

/** One linear reading of the residual stream: logit = scale · Σ over places of weight · t(x), plus bias. */
export interface Reading {
  readonly sites: readonly ReadSite[]
  /** Rows float32[hidden], one for each place. */
  readonly weights: readonly Float32Array[]
  readonly dropDimensions: readonly number[]
  readonly normalise: 'none' | 'l2' | 'standardise'
  /** Rows float32[hidden], one for each place; for `standardise` alone: t(x) = (x − center) / scale. */
  readonly centers: readonly Float32Array[]
  readonly scales: readonly Float32Array[]
  readonly scale: number
  readonly bias: number
}

/** A reading of every token, and how its numbers become one logit: scale · highest rolling mean + bias. */
export interface ReadingOfTokens {
  readonly reading: TokenReading
  readonly windowTokens: number
  readonly scale: number
  readonly bias: number
}

/** A direction file: the vector, the readings made of it, and what they were made for. */
export interface DirectionFile {
  readonly metadata: DirectionMetadata
  /** float32[hidden]: mean harmful − mean harmless, not normalised. */
  readonly direction: Float32Array
  readonly readings: Readonly<Record<ReadingName, Reading>>
  /** Of the last user message. */
  readonly tokens: ReadingOfTokens | undefined
  /** Of an answer. */
  readonly answer: ReadingOfTokens | undefined
}

/**
 * Reads a direction file (safetensors, its metadata under the key `parapet`). The file may be hostile.
 * @param model id of the weights, for the error
 * @throws `PARAPET_DETECTOR_DIRECTION_INVALID`
 */
export function parseDirectionFile(bytes: Uint8Array, model: string): DirectionFile {
  try {
    const file = parseSafetensors(bytes)
    const metadata = metadataOf(file)
    const { hidden } = metadata.model
    const [direction] = rowsOf(file, 'direction', undefined, hidden)
    checkBlocks(metadata)
    return {
      metadata,
      direction: direction ?? new Float32Array(0),
      readings: {
        harmfulness: readingOf(file, metadata, 'harmfulness'),
        refusal: readingOf(file, metadata, 'refusal'),
      },
      tokens: readingOfTokens(file, metadata, 'tokens'),
      answer: readingOfTokens(file, metadata, 'answer'),
    }
  } catch (error) {
    if (!(error instanceof SafetensorsError)) throw error
    throw fault('PARAPET_DETECTOR_DIRECTION_INVALID', { model, problem: error.message })
  }
}

function metadataOf({ metadata }: SafetensorsFile): DirectionMetadata {
  const text = metadata.get('parapet')
  if (text === undefined) throw new SafetensorsError('its metadata has no entry "parapet"')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new SafetensorsError('its metadata "parapet" is not JSON')
  }
  const parsed = directionSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new SafetensorsError(`its metadata at "${issue?.path.join('.')}": ${issue?.message}`)
}

function readingOf(file: SafetensorsFile, metadata: DirectionMetadata, name: ReadingName): Reading {
  const { hidden } = metadata.model
  const { sites, transform, scale, bias } = metadata.readings[name]
  const { dropDimensions, normalise } = transform
  checkDropped(dropDimensions, hidden, name)
  const rows = (part: string) => rowsOf(file, `${name}.${part}`, sites.length, hidden)
  const standardise = normalise === 'standardise'
  const scales = standardise ? rows('scale') : []
  if (scales.some((row) => row.some((value) => value <= 0))) {
    throw new SafetensorsError(`the tensor "${name}.scale" has a number that is not above 0`)
  }
  const centers = standardise ? rows('center') : []
  return { sites, weights: rows('weight'), dropDimensions, normalise, centers, scales, scale, bias }
}

function readingOfTokens(
  file: SafetensorsFile,
  metadata: DirectionMetadata,
  name: 'tokens' | 'answer',
): ReadingOfTokens | undefined {
  const facts = metadata[name]
  if (facts === undefined) return undefined
  const { hidden } = metadata.model
  const { site, transform, windowTokens, scale, bias } = facts
  checkDropped(transform.dropDimensions, hidden, name)
  const [weight] = rowsOf(file, `${name}.weight`, undefined, hidden)
  // The bias is added once, to the mean: a token's own number has none.
  const reading = { site, weight: weight ?? new Float32Array(0), bias: 0, ...transform }
  return { reading, windowTokens, scale, bias }
}

function checkDropped(dropDimensions: readonly number[], hidden: number, name: string): void {
  if (dropDimensions.every((dimension) => dimension < hidden)) return
  throw new SafetensorsError(`the reading "${name}" drops a dimension that ${hidden} dimensions do not have`)
}

/** The rows of a tensor [rows, hidden], or of [hidden] where `rows` is undefined. */
function rowsOf(
  file: SafetensorsFile,
  name: string,
  rows: number | undefined,
  hidden: number,
): Float32Array[] {
  const shape = rows === undefined ? [hidden] : [rows, hidden]
  const tensor = file.tensors.get(name)
  if (!tensor) throw new SafetensorsError(`the tensor "${name}" is missing`)
  if (tensor.shape.join() !== shape.join()) {
    throw new SafetensorsError(`the tensor "${name}" has the shape [${tensor.shape}], expected [${shape}]`)
  }
  const { values } = tensor
  return Array.from({ length: rows ?? 1 }, (_, row) => values.subarray(row * hidden, (row + 1) * hidden))
}

function checkBlocks({ model, direction, readings, tokens, answer }: DirectionMetadata): void {
  const ofTokens = [tokens, answer].filter((reading) => reading !== undefined)
  const places = [direction, ...READINGS.flatMap((name) => readings[name].sites), ...ofTokens]
  const outside = places.find(({ site }) => (blockOf(site) ?? 0) >= model.layers)
  if (outside) throw new SafetensorsError(`it reads ${outside.site} of a model with ${model.layers} layers`)
}
