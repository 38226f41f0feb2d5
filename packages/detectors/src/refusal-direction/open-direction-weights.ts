import { type DecoderModelFolder, resolveModel } from '@parapet/runtime'
import type { DetectorCalibration } from '../calibration/calibration-file.ts'
import type { WeightsCoverage } from '../weights/check-coverage.ts'
import { openWeights } from '../weights/open-weights.ts'
import { both, checkMaps, DIRECTION_CALIBRATION } from './calibrated-for.ts'
import type { DirectionFile } from './direction-file.ts'
import { openDirection, openDirectionAt } from './open-direction.ts'

/** A chat model, and what its activations are read by. */
export interface DirectionWeights {
  readonly folder: DecoderModelFolder
  readonly file: DirectionFile
  /** What the scores depend on: the manifest, with the direction's digest where that lies elsewhere. */
  readonly written: unknown
  /** Undefined where the direction is a file of its own: nothing was counted on benign texts with it. */
  readonly calibration: DetectorCalibration | undefined
  readonly coverage: WeightsCoverage
}

/**
 * Opens the weights that the detector reads by: a package with direction and calibration, or, with a path, any chat
 * model and its direction file. A calibration beside the weights is not taken then: it was made with another direction.
 * @throws `PARAPET_MODEL_…`, `PARAPET_HUB_…`, `PARAPET_DETECTOR_DIRECTION_…`, `PARAPET_DETECTOR_CALIBRATION_…`
 */
export async function openDirectionWeights(weights: string, path?: string): Promise<DirectionWeights> {
  if (path !== undefined) {
    const folder = await resolveModel(weights, {}, 'decoder')
    const { file, sha256 } = await openDirectionAt(path, folder)
    const written = { manifest: folder.manifest, direction: sha256 }
    return { folder, file, written, calibration: undefined, coverage: file.metadata.coverage }
  }
  const { folder, written, calibration } = await openWeights(weights, 'decoder', DIRECTION_CALIBRATION)
  const file = await openDirection(folder)
  checkMaps(calibration, folder.manifest.id)
  return { folder, file, written, calibration, coverage: both(file.metadata.coverage, calibration.coverage) }
}
