import type { ReadSite } from '@parapet/runtime'
import { sigmoid } from '../calibration/score-map.ts'
import type { DirectionFile, Reading } from './direction-file.ts'

/** What the detector says of one prompt, each in [0, 1] (or NaN where the activations are not numbers). */
export interface DirectionScores {
  /** The two readings combined and calibrated. */
  readonly harmful: number
  /** Whether the model sees a harmful request. */
  readonly harmfulness: number
  /** Whether the model is about to refuse. */
  readonly refusal: number
}

/** The places that both readings need, each once. */
export function sitesOf({ readings }: DirectionFile): ReadSite[] {
  const all = [...readings.harmfulness.sites, ...readings.refusal.sites]
  return [...new Map(all.map((place) => [keyOf(place), place])).values()]
}

/**
 * Scores one prompt.
 * @param sites as `sitesOf` gives them
 * @param rows float32[hidden] for each of them
 */
export function readDirection(
  file: DirectionFile,
  sites: readonly ReadSite[],
  rows: readonly Float32Array[],
): DirectionScores {
  const byPlace = new Map(sites.map((place, i) => [keyOf(place), rows[i]]))
  const logit = (reading: Reading) =>
    logitOf(
      reading,
      reading.sites.map((place) => byPlace.get(keyOf(place)) ?? new Float32Array(0)),
    )
  const harmfulness = logit(file.readings.harmfulness)
  const refusal = logit(file.readings.refusal)
  const { combine } = file.metadata
  return {
    harmful: sigmoid(combine.harmfulness * harmfulness + combine.refusal * refusal + combine.bias),
    harmfulness: sigmoid(harmfulness),
    refusal: sigmoid(refusal),
  }
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
