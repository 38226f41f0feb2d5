import type { DetectorCalibration } from '../calibration/calibration-file.ts'
import { fault } from '../errors/codes.ts'
import type { WeightsCoverage } from '../weights/check-coverage.ts'

/** The name under which a calibration file has what belongs to a direction file. */
export const DIRECTION_CALIBRATION = 'refusal-direction'

/** The scores come calibrated out of the direction file; another map on top would need other thresholds. */
export function checkMaps({ labels }: DetectorCalibration, model: string): void {
  for (const [label, { map }] of Object.entries(labels)) {
    if (map.kind === 'none') continue
    const path = `detectors.${DIRECTION_CALIBRATION}.labels.${label}.map.kind`
    const problem = `it is "${map.kind}", expected "none"`
    throw fault('PARAPET_DETECTOR_CALIBRATION_INVALID', { model, path, problem })
  }
}

/** What both the direction and its thresholds were made for. */
export function both(direction: WeightsCoverage, calibration: WeightsCoverage): WeightsCoverage {
  return {
    languages: direction.languages.filter((language) => calibration.languages.includes(language)),
    maxTokens: Math.min(direction.maxTokens, calibration.maxTokens),
  }
}
