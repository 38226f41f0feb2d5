import type { ReadSite } from '@parapet/runtime'
import { sigmoid } from '../calibration/score-map.ts'
import type { DirectionFile, Reading, ReadingOfTokens } from './direction-file.ts'
import { highestRollingMean } from './rolling-mean.ts'

/** What the detector says of one text, each in [0, 1] (or NaN where the activations are not numbers). */
export interface DirectionScores {
  /** All readings combined and calibrated. */
  readonly harmful: number
  /** Whether the model sees a harmful request. */
  readonly harmfulness: number
  /** Whether the model is about to refuse. */
  readonly refusal: number
}

/** What was read of one text. */
export interface Activations {
  /** float32[hidden] for each place, as `sitesOf` gives them. */
  readonly rows: readonly Float32Array[]
  /** Tokens of prompt and answer, the template's included. */
  readonly tokens?: number
  /** A number for each token of the last user message, where the file reads them. */
  readonly ofMessage?: Float32Array | undefined
  /** A number for each token of the answer. */
  readonly ofAnswer?: Float32Array | undefined
}

/** The places that both readings need, each once. */
export function sitesOf({ readings }: Pick<DirectionFile, 'readings'>): ReadSite[] {
  const all = [...readings.harmfulness.sites, ...readings.refusal.sites]
  return [...new Map(all.map((place) => [keyOf(place), place])).values()]
}

/**
 * Scores one text. A message's own score is its places' and its tokens' logits, joined; an answer's is read of its
 * tokens, joined with what the places say of its prompt.
 * @param sites as `sitesOf` gives them
 */
export function readDirection(
  file: DirectionFile,
  sites: readonly ReadSite[],
  { rows, tokens = 0, ofMessage, ofAnswer }: Activations,
): DirectionScores {
  const byPlace = new Map(sites.map((place, i) => [keyOf(place), rows[i]]))
  const logit = (reading: Reading) =>
    logitOf(
      reading,
      reading.sites.map((place) => byPlace.get(keyOf(place)) ?? new Float32Array(0)),
    )
  const harmfulness = logit(file.readings.harmfulness)
  const refusal = logit(file.readings.refusal)
  const { combine, answer } = file.metadata
  const ofPlaces = combine.harmfulness * harmfulness + combine.refusal * refusal + combine.bias
  const joint =
    answer && file.answer && ofAnswer
      ? answer.combine.answer * tokensLogit(file.answer, ofAnswer) +
        answer.combine.prompt * ofPlaces +
        answer.combine.bias
      : onOneScale(
          file.metadata.byLength,
          tokens,
          ofPlaces + (file.tokens && ofMessage ? combine.tokens * tokensLogit(file.tokens, ofMessage) : 0),
        )
  return { harmful: sigmoid(joint), harmfulness: sigmoid(harmfulness), refusal: sigmoid(refusal) }
}

/** The logit of a reading of tokens: scale · the highest rolling mean, plus bias. */
function tokensLogit({ windowTokens, scale, bias }: ReadingOfTokens, values: Float32Array): number {
  return scale * highestRollingMean(values, windowTokens) + bias
}

/**
 * A text's logit on the scale that one threshold serves: long and wrapped texts score otherwise than short ones, and a
 * rate should hold among each.
 */
function onOneScale(pieces: DirectionFile['metadata']['byLength'], tokens: number, logit: number): number {
  const piece = pieces?.find(({ upToTokens = Number.POSITIVE_INFINITY }) => tokens <= upToTokens)
  return piece ? piece.scale * logit + piece.bias : logit
}

/**
 * The logit of one reading: scale · Σ over places of weight · t(x), plus bias.
 * @param rows float32[hidden] for each of the reading's places
 */
export function logitOf(reading: Reading, rows: readonly Float32Array[]): number {
  let sum = 0
  rows.forEach((row, place) => {
    const weight = reading.weights[place] ?? new Float32Array(0)
    const values = transformed(reading, row, place)
    for (let i = 0; i < weight.length; i++) sum += (weight[i] ?? Number.NaN) * (values[i] ?? Number.NaN)
  })
  return reading.scale * sum + reading.bias
}

/** t(x) in double precision: standardised where it says so, massive dimensions set to 0, then made of length 1. */
function transformed(reading: Reading, row: Float32Array, place: number): Float64Array {
  const values = Float64Array.from(row)
  const center = reading.centers[place]
  const scale = reading.scales[place]
  if (center && scale) {
    for (let i = 0; i < values.length; i++) {
      values[i] = ((values[i] ?? Number.NaN) - (center[i] ?? Number.NaN)) / (scale[i] ?? Number.NaN)
    }
  }
  for (const dimension of reading.dropDimensions) values[dimension] = 0
  if (reading.normalise !== 'l2') return values
  let squares = 0
  for (const value of values) squares += value * value
  const length = Math.sqrt(squares)
  // A row of zeros has no direction: it stays zero instead of becoming NaN.
  return length === 0 ? values : values.map((value) => value / length)
}

function keyOf({ site, position }: ReadSite): string {
  return `${site}@${position}`
}
