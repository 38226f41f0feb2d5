import { expect, test } from '@jest/globals'
import { calibrationFile, detectorCalibration } from '../../test/builders/calibration-builder.ts'
import { parseCalibrationFile } from './calibration-file.ts'
import { toCalibration } from './to-calibration.ts'

const digest = 'b'.repeat(64)
const bytesOf = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const valid = () => calibrationFile(digest, { toxicity: detectorCalibration(['toxic']) })

test('a valid file keeps maps, tails and thresholds', () => {
  const file = parseCalibrationFile(bytesOf(valid()), 'tiny')

  expect(file.modelSha256).toBe(digest)
  expect(file.detectors['toxicity']?.labels['toxic']?.benign).toEqual({ n: 4000, tail: [0.9, 0.8, 0.7] })
})

test('the sdk gets n, tail and shipped threshold of the labels a detector offers, and of no other', () => {
  const calibration = toCalibration(detectorCalibration(['toxic', 'insult']), ['toxic'])

  expect(calibration).toEqual({ labels: { toxic: { n: 4000, tail: [0.9, 0.8, 0.7], shipped: 0.7 } } })
})

const label = (overrides: object) => ({
  toxic: { map: { kind: 'none' }, benign: { n: 3, tail: [0.5] }, ...overrides },
})
const broken: [string, unknown, string][] = [
  ['text that is no JSON', '{', ''],
  ['another schema', { ...valid(), schema: 'parapet.calibration/9' }, 'schema'],
  ['a digest that is none', { ...valid(), modelSha256: 'x' }, 'modelSha256'],
  [
    'a map of unknown kind',
    calibrationFile(digest, {
      toxicity: detectorCalibration(['toxic'], { labels: label({ map: { kind: 'magic' } }) as never }),
    }),
    'detectors.toxicity.labels.toxic.map.kind',
  ],
  [
    'a temperature of 0',
    calibrationFile(digest, {
      toxicity: detectorCalibration(['toxic'], {
        labels: label({ map: { kind: 'temperature', t: 0 } }) as never,
      }),
    }),
    'detectors.toxicity.labels.toxic.map.t',
  ],
  [
    'a tail out of order',
    calibrationFile(digest, {
      toxicity: detectorCalibration(['toxic'], {
        labels: label({ benign: { n: 9, tail: [0.1, 0.2] } }) as never,
      }),
    }),
    'detectors.toxicity.labels.toxic.benign',
  ],
  [
    'a tail longer than its texts',
    calibrationFile(digest, {
      toxicity: detectorCalibration(['toxic'], {
        labels: label({ benign: { n: 1, tail: [0.2, 0.1] } }) as never,
      }),
    }),
    'detectors.toxicity.labels.toxic.benign',
  ],
  [
    'a score over 1',
    calibrationFile(digest, {
      toxicity: detectorCalibration(['toxic'], { labels: label({ benign: { n: 9, tail: [1.5] } }) as never }),
    }),
    'detectors.toxicity.labels.toxic.benign.tail.0',
  ],
  [
    'a label without a shipped threshold',
    calibrationFile(digest, { toxicity: detectorCalibration(['toxic'], { shipped: {} }) }),
    'detectors.toxicity.shipped',
  ],
]

test.each(broken)('%s is an error that names the place', (_, value, path) => {
  expect(() => parseCalibrationFile(bytesOf(value), 'tiny')).toThrow(
    expect.objectContaining({
      code: 'PARAPET_DETECTOR_CALIBRATION_INVALID',
      message: expect.stringContaining(`"tiny": its calibration.json is not usable at "${path}"`),
    }),
  )
})
