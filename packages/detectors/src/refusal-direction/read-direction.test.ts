import { expect, test } from '@jest/globals'
import { directionFile } from '../../test/builders/direction-builder.ts'
import { sigmoid } from '../calibration/score-map.ts'
import { parseDirectionFile, type Reading } from './direction-file.ts'
import { logitOf, readDirection, sitesOf } from './read-direction.ts'

const file = parseDirectionFile(directionFile(), 'tiny')
const row = (...values: number[]) => Float32Array.from(values)
const reading = (overrides: Partial<Reading>): Reading => ({
  ...file.readings.harmfulness,
  weights: [row(1, 2, 3)],
  ...overrides,
})

test('massive dimensions are dropped before the row is made of length 1', () => {
  // (3, 4, 1e6) → (3, 4, 0) → (0.6, 0.8, 0); 2 · (1 · 0.6 + 2 · 0.8) − 1
  expect(logitOf(reading({}), [row(3, 4, 1e6)])).toBeCloseTo(3.4, 12)
})

test('without normalisation the row is taken as it is', () => {
  expect(logitOf(reading({ normalise: 'none', dropDimensions: [] }), [row(3, 4, 5)])).toBe(2 * 26 - 1)
})

test('standardised rows are centred and scaled', () => {
  const standardised = reading({ normalise: 'standardise', centers: [row(1, 1, 1)], scales: [row(2, 1, 4)] })

  // ((3 − 1) / 2, (4 − 1) / 1, dropped) = (1, 3, 0); 2 · (1 + 6) − 1
  expect(logitOf(standardised, [row(3, 4, 5)])).toBe(13)
})

test('a row of zeros reads as the bias', () => {
  expect(logitOf(reading({}), [row(0, 0, 7)])).toBe(-1)
})

test('both readings and their combination are scored from the rows of the places', () => {
  const sites = sitesOf(file)
  const rows = [row(3, 4, 0), row(1, 0, 0), row(0, 1, 0)]

  const scores = readDirection(file, sites, { rows })

  expect(scores.harmfulness).toBeCloseTo(sigmoid(3.4), 12)
  expect(scores.refusal).toBeCloseTo(sigmoid(2.5), 12)
  expect(scores.harmful).toBeCloseTo(sigmoid(0.75 * 3.4 + 0.25 * 2.5 + 0.1), 12)
})

test('rows are found by their place, not by their order', () => {
  const sites = sitesOf(file)
  const rows = [row(3, 4, 0), row(1, 0, 0), row(0, 1, 0)]

  expect(readDirection(file, sites.toReversed(), { rows: rows.toReversed() })).toEqual(
    readDirection(file, sites, { rows }),
  )
})

test('a place that both readings need is read once', () => {
  const { harmfulness, refusal } = file.readings
  const shared = {
    ...file,
    readings: { harmfulness: { ...harmfulness, sites: refusal.sites.slice(0, 1) }, refusal },
  }

  expect(sitesOf(shared)).toEqual(refusal.sites)
})

test('activations that are not numbers give no number', () => {
  expect(logitOf(reading({}), [row(Number.NaN, 1, 1)])).toBeNaN()
})

const ofTokens = (overrides: object = {}) => ({
  reading: {
    site: 'blocks.1.hook_resid_pre' as const,
    weight: row(1, 0, 0),
    bias: 0,
    normalise: 'none' as const,
  },
  windowTokens: 2,
  scale: 2,
  bias: -1,
  ...overrides,
})
const places = { rows: [row(3, 4, 0), row(1, 0, 0), row(0, 1, 0)] }
const ofPlaces = 0.75 * 3.4 + 0.25 * 2.5 + 0.1

test('what stands early in a long message counts as much as what stands at its end', () => {
  const long = {
    ...file,
    tokens: ofTokens(),
    metadata: { ...file.metadata, combine: { ...file.metadata.combine, tokens: 0.5 } },
  }
  const harmful = (values: number[]) =>
    readDirection(long, sitesOf(file), { ...places, ofMessage: Float32Array.from(values) }).harmful

  // The highest mean of two neighbours is 3: 0.5 · (2 · 3 − 1)
  expect(harmful([0, 3, 3, 0, 0, 0])).toBeCloseTo(sigmoid(ofPlaces + 2.5), 12)
  expect(harmful([0, 0, 0, 0, 3, 3])).toBe(harmful([3, 3, 0, 0, 0, 0]))
})

test('an answer is scored by its own tokens, joined with what is said of its prompt', () => {
  const judged = {
    ...file,
    answer: ofTokens(),
    metadata: {
      ...file.metadata,
      answer: { combine: { answer: 2, prompt: 0.5, bias: -3 } } as typeof file.metadata.answer,
    },
  }
  const { harmful, harmfulness } = readDirection(judged, sitesOf(file), {
    ...places,
    ofAnswer: Float32Array.of(1, 2, 0),
  })

  expect(harmful).toBeCloseTo(sigmoid(2 * (2 * 1.5 - 1) + 0.5 * ofPlaces - 3), 12)
  expect(harmfulness).toBeCloseTo(sigmoid(3.4), 12)
})

test('short and long texts are brought to one scale, each by its own piece', () => {
  const byLength = [
    { upToTokens: 96, scale: 1, bias: 0 },
    { scale: 2, bias: -1 },
  ]
  const scaled = { ...file, metadata: { ...file.metadata, byLength } }
  const harmful = (tokens: number) => readDirection(scaled, sitesOf(file), { ...places, tokens }).harmful

  expect(harmful(96)).toBeCloseTo(sigmoid(ofPlaces), 12)
  expect(harmful(97)).toBeCloseTo(sigmoid(2 * ofPlaces - 1), 12)
})
