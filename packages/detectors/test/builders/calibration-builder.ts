import type { DetectorCalibration } from '../../src/calibration/calibration-file.ts'
import type { ScoreMap } from '../../src/calibration/score-map.ts'

/** A valid calibration of one detector with these labels; each test breaks one field. */
export function detectorCalibration(
  labels: readonly string[],
  overrides: Partial<DetectorCalibration> = {},
  map: ScoreMap = { kind: 'platt', a: 1, b: 0 },
): DetectorCalibration {
  const label = { map, benign: { n: 4000, tail: [0.9, 0.8, 0.7] } }
  return {
    version: '0.1.0',
    labels: Object.fromEntries(labels.map((name) => [name, label])),
    coverage: { languages: ['en'], maxTokens: 64, minCharacters: 1 },
    shipped: Object.fromEntries(labels.map((name) => [name, { falsePositiveRate: 0.01, threshold: 0.7 }])),
    ...overrides,
  }
}

/** A valid calibration file. */
export function calibrationFile(modelSha256: string, detectors: Record<string, DetectorCalibration>): object {
  return { schema: 'parapet.calibration/1', modelSha256, detectors }
}
