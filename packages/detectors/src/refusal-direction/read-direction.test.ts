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

  const scores = readDirection(file, sites, rows)

  expect(scores.harmfulness).toBeCloseTo(sigmoid(3.4), 12)
  expect(scores.refusal).toBeCloseTo(sigmoid(2.5), 12)
  expect(scores.harmful).toBeCloseTo(sigmoid(0.75 * 3.4 + 0.25 * 2.5 + 0.1), 12)
})

test('rows are found by their place, not by their order', () => {
  const sites = sitesOf(file)
  const rows = [row(3, 4, 0), row(1, 0, 0), row(0, 1, 0)]

  expect(readDirection(file, sites.toReversed(), rows.toReversed())).toEqual(readDirection(file, sites, rows))
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
