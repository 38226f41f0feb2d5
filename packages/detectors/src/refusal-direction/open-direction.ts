import type { DecoderModelFolder } from '@parapet/runtime'
import { readWeightsFile } from '../weights/read-weights-file.ts'
import { checkDirection, checkWeights } from './check-direction.ts'
import { type DirectionFile, parseDirectionFile } from './direction-file.ts'

const MAX_DIRECTION_BYTES = 64 * 1024 * 1024

/**
 * Opens the direction file of a model's package.
 * @throws `PARAPET_DETECTOR_DIRECTION_INVALID`; `PARAPET_DETECTOR_DIRECTION_MISMATCH` when it was made for another model
 */
export async function openDirection(folder: DecoderModelFolder): Promise<DirectionFile> {
  const file = await parsedFile(folder)
  await checkDirection(file.metadata.model, folder)
  return file
}

/**
 * Opens the direction file of a model that is served elsewhere: held to the manifest's weights alone, because tokenizer
 * and template are the server's.
 * @throws `PARAPET_DETECTOR_DIRECTION_INVALID`, `PARAPET_DETECTOR_DIRECTION_MISMATCH`
 */
export async function readDirectionOf(folder: DecoderModelFolder): Promise<DirectionFile> {
  const file = await parsedFile(folder)
  checkWeights(file.metadata.model, folder)
  return file
}

async function parsedFile(folder: DecoderModelFolder): Promise<DirectionFile> {
  const { bytes } = await readWeightsFile(folder, 'direction.safetensors', MAX_DIRECTION_BYTES)
  return parseDirectionFile(bytes, folder.manifest.id)
}
