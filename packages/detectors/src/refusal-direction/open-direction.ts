import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { DecoderModelFolder } from '@parapet/runtime'
import { fault } from '../errors/codes.ts'
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
 * Opens a direction file that lies anywhere, as `parapet fit` leaves it in its run folder.
 * @returns the file, and the SHA-256 of its bytes
 * @throws `PARAPET_DETECTOR_DIRECTION_UNREADABLE`, and those of `openDirection`
 */
export async function openDirectionAt(
  path: string,
  folder: DecoderModelFolder,
): Promise<{ readonly file: DirectionFile; readonly sha256: string }> {
  const bytes = await readAt(path)
  const file = parseDirectionFile(bytes, folder.manifest.id)
  await checkDirection(file.metadata.model, folder)
  return { file, sha256: createHash('sha256').update(bytes).digest('hex') }
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

async function readAt(path: string): Promise<Uint8Array> {
  const unreadable = (problem: string, cause?: unknown) =>
    fault('PARAPET_DETECTOR_DIRECTION_UNREADABLE', { path, problem }, { cause })
  const failed = (cause: NodeJS.ErrnoException) => {
    throw unreadable(cause.code ?? 'unreadable', cause)
  }
  const found = await stat(path).catch(failed)
  // A pipe or a device would be read without end.
  if (!found.isFile()) throw unreadable('it is no file')
  if (found.size > MAX_DIRECTION_BYTES) throw unreadable(`it has ${found.size} bytes`)
  return readFile(path).catch(failed)
}
