import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { type ModelFolder, RUNTIME_ERRORS, RuntimeError } from '@parapet/runtime'

/** A file of a weights package, checked against the manifest. */
export interface WeightsFile {
  readonly bytes: Uint8Array
  readonly sha256: string
}

/**
 * Reads a small file of a weights package whole. What is handed back is what was checked: the bytes themselves
 * are hashed, so the file cannot change between the check and its use.
 * @param maxBytes a larger file is refused before it is read
 * @throws `PARAPET_MODEL_MANIFEST_INVALID` (not listed, or listed as too large), `PARAPET_MODEL_FILE_MISSING`,
 *   `PARAPET_MODEL_DIGEST_MISMATCH`
 */
export async function readWeightsFile(
  folder: ModelFolder,
  file: string,
  maxBytes: number,
): Promise<WeightsFile> {
  const { manifest, directory } = folder
  const model = manifest.id
  const listed = Object.hasOwn(manifest.files, file) ? manifest.files[file] : undefined
  if (!listed) throw manifestFault(file, 'the file is needed and not listed')
  if (listed.bytes > maxBytes) throw manifestFault(file, `the file may have ${maxBytes} bytes at most`)
  const bytes = await readAtMost(join(directory, file), listed.bytes).catch((cause: unknown) => {
    const details = { model, file }
    throw new RuntimeError(
      'PARAPET_MODEL_FILE_MISSING',
      RUNTIME_ERRORS.PARAPET_MODEL_FILE_MISSING.message(details),
      { cause },
    )
  })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== listed.sha256) {
    const details = { model, file, received: sha256, expected: listed.sha256 }
    throw new RuntimeError(
      'PARAPET_MODEL_DIGEST_MISMATCH',
      RUNTIME_ERRORS.PARAPET_MODEL_DIGEST_MISMATCH.message(details),
    )
  }
  return { bytes, sha256 }
}

/** Reads one byte more than was promised, so that a file that has grown fails its digest without being read whole. */
async function readAtMost(path: string, promised: number): Promise<Uint8Array> {
  await using handle = await open(path, 'r')
  const buffer = Buffer.alloc(promised + 1)
  let filled = 0
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return buffer.subarray(0, filled)
}

function manifestFault(file: string, problem: string): RuntimeError {
  const details = { path: `files.${file}`, problem }
  return new RuntimeError(
    'PARAPET_MODEL_MANIFEST_INVALID',
    RUNTIME_ERRORS.PARAPET_MODEL_MANIFEST_INVALID.message(details),
  )
}
