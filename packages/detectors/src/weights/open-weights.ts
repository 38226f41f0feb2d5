import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Manifest, type ModelFolder, openModelFolder, resolveModelPackage } from '@parapet/runtime'
import {
  type CalibrationFile,
  type DetectorCalibration,
  parseCalibrationFile,
} from '../calibration/calibration-file.ts'
import { fault } from '../errors/codes.ts'
import { readWeightsFile } from './read-weights-file.ts'

const MAX_CALIBRATION_BYTES = 16 * 1024 * 1024

/** A weights package as one detector sees it. */
export interface Weights<Kind extends Manifest['kind']> {
  readonly folder: ModelFolder<Extract<Manifest, { kind: Kind }>>
  /** The manifest as it was written, with what only detectors read. */
  readonly written: unknown
  readonly calibration: DetectorCalibration
}

/**
 * Opens the weights of a detector: manifest and calibration. The graph itself is checked and loaded by a model host.
 * @param weights a package's name, or a folder: an absolute path, a `file:` URL, or a path that begins with a dot
 * @throws `PARAPET_MODEL_NOT_INSTALLED` with the install line, `PARAPET_MODEL_…`, `PARAPET_DETECTOR_CALIBRATION_…`
 */
export async function openWeights<Kind extends Manifest['kind']>(
  weights: string,
  kind: Kind,
  detector: string,
): Promise<Weights<Kind>> {
  const folder = await openWeightsFolder(weights, kind)
  const model = folder.manifest.id
  const { bytes } = await readWeightsFile(folder, 'calibration.json', MAX_CALIBRATION_BYTES)
  const file = parseCalibrationFile(bytes, model)
  checkModel(file, folder)
  const calibration = Object.hasOwn(file.detectors, detector) ? file.detectors[detector] : undefined
  if (calibration) return { folder, written: await readManifest(folder), calibration }
  const detectors = Object.keys(file.detectors)
  throw fault('PARAPET_DETECTOR_CALIBRATION_MISSING', { detector, model, detectors })
}

/**
 * Opens the folder of weights by a package's name or by its place. Only the manifest is read.
 * @throws `PARAPET_MODEL_NOT_INSTALLED` with the install line, `PARAPET_MODEL_…`
 */
export function openWeightsFolder<Kind extends Manifest['kind']>(
  weights: string,
  kind: Kind,
): Promise<Weights<Kind>['folder']> {
  return openModelFolder(weightsFolder(weights), kind)
}

/** `openModelFolder` has read and checked the file already; it hands on only what a host needs. */
async function readManifest({ directory }: ModelFolder): Promise<unknown> {
  return JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8'))
}

function weightsFolder(weights: string): string {
  if (weights.startsWith('file:')) return fileURLToPath(weights)
  if (isAbsolute(weights) || weights.startsWith('.')) return weights
  return resolveModelPackage(weights)
}

/** A calibration says how one file's scores are distributed; with another file it would be a wrong threshold. */
function checkModel(file: CalibrationFile, { manifest }: ModelFolder): void {
  const expected = manifest.files['model.onnx']?.sha256 ?? 'no digest'
  if (file.modelSha256 === expected) return
  const details = { model: manifest.id, file: 'model.onnx', received: file.modelSha256, expected }
  throw fault('PARAPET_DETECTOR_CALIBRATION_MISMATCH', details)
}
