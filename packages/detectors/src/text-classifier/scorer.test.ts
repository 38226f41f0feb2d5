import { expect, test } from '@jest/globals'
import type { EncoderRead } from '@parapet/runtime'
import { detectorCalibration } from '../../test/builders/calibration-builder.ts'
import { encoderManifest, encoderRead } from '../../test/builders/scripted-encoder.ts'
import { createScorer, type ScorerSpec } from './scorer.ts'

const manifest = encoderManifest({ toxicity: ['toxic', 'insult'] })
const spec: ScorerSpec = {
  id: 'toxicity',
  output: 'toxicity',
  labels: ['toxic', 'insult'],
  aggregation: 'maximum',
}
const reading = (rows: number[][]) => encoderRead({ toxicity: rows }) as EncoderRead

test('each label gets the score of its own logit, whatever the order of the labels', () => {
  const scorer = createScorer(
    { ...spec, labels: ['insult', 'toxic'] },
    manifest,
    detectorCalibration(spec.labels),
  )

  const scores = scorer(reading([[0, 9]]))

  expect(scores['toxic']).toBe(0.5)
  expect(scores['insult']).toBeGreaterThan(0.99)
})

test('windows are joined as it is told', () => {
  const mean = { ...spec, aggregation: 'mean-of-logits' as const }
  const windows = reading([
    [2, 0],
    [-2, 0],
  ])

  expect(createScorer(mean, manifest, detectorCalibration(spec.labels))(windows)['toxic']).toBe(0.5)
  expect(createScorer(spec, manifest, detectorCalibration(spec.labels))(windows)['toxic']).toBeGreaterThan(
    0.8,
  )
})

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'a model that gives %s is a fault, never a score',
  (value) => {
    const scorer = createScorer(spec, manifest, detectorCalibration(spec.labels))

    expect(() => scorer(reading([[value, 0]]))).toThrow(
      expect.objectContaining({ code: 'PARAPET_DETECTOR_SCORE_INVALID' }),
    )
  },
)

test('a reading without rows is a fault', () => {
  const scorer = createScorer(spec, manifest, detectorCalibration(spec.labels))

  expect(() => scorer(reading([]))).toThrow(
    expect.objectContaining({ code: 'PARAPET_DETECTOR_SCORE_INVALID' }),
  )
})

test('a label that the weights lack is named, with those they have', () => {
  const labels = ['toxic', 'threat']

  expect(() => createScorer({ ...spec, labels }, manifest, detectorCalibration(labels))).toThrow(
    expect.objectContaining({
      code: 'PARAPET_DETECTOR_LABEL_MISSING',
      message: expect.stringContaining('no calibrated label "threat"; they have "toxic"'),
    }),
  )
})

test('a label that was not calibrated is not offered', () => {
  expect(() => createScorer(spec, manifest, detectorCalibration(['toxic']))).toThrow(
    expect.objectContaining({ code: 'PARAPET_DETECTOR_LABEL_MISSING' }),
  )
})

test('weights for another task are named', () => {
  const other = encoderManifest({ topic: ['sports'] })

  expect(() => createScorer(spec, other, detectorCalibration(spec.labels))).toThrow(
    expect.objectContaining({
      code: 'PARAPET_DETECTOR_OUTPUT_MISSING',
      message: expect.stringContaining('they have "topic"'),
    }),
  )
})
