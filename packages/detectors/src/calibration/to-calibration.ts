import type { Calibration } from '@parapet/sdk'
import type { DetectorCalibration } from './calibration-file.ts'

/** What the sdk resolves thresholds through, for the labels that a detector offers. */
export function toCalibration(file: DetectorCalibration, labels: readonly string[]): Calibration {
  const entries = labels.flatMap((label) => {
    const benign = file.labels[label]?.benign
    const shipped = file.shipped[label]?.threshold
    return benign && shipped !== undefined ? [[label, { ...benign, shipped }] as const] : []
  })
  return { labels: Object.fromEntries(entries) }
}
