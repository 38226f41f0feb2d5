import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readFile, realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { fault } from '../errors/codes.ts'
import { fileOf, type ModelFolder } from './model-folder.ts'

/** Files whose digests were right, by path, size, time of change and inode: not hashed twice in one process. */
const verified = new Map<string, string>()

/**
 * Checks one file of a model folder against the manifest, in a stream.
 * @throws `PARAPET_MODEL_FILE_MISSING`, `…_FILE_OUTSIDE`, `…_DIGEST_MISMATCH`, `…_MANIFEST_INVALID` (not listed)
 */
export async function verifyFile(folder: ModelFolder, file: string): Promise<void> {
  const path = fileOf(folder, file)
  const model = folder.manifest.id
  const missing = (cause: unknown) => fault('PARAPET_MODEL_FILE_MISSING', { model, file }, { cause })
  const expected = folder.manifest.files[file]
  if (expected === undefined) throw missing(undefined)

  const found = await stat(path).catch((cause: unknown) => {
    throw missing(cause)
  })
  // A pipe or a device would be read without end.
  if (!found.isFile()) throw missing(undefined)
  await checkInside(folder, file, path)
  if (found.size !== expected.bytes) {
    const received = `${found.size} bytes long`
    throw fault('PARAPET_MODEL_DIGEST_MISMATCH', {
      model,
      file,
      received,
      expected: `${expected.bytes} bytes`,
    })
  }
  const state = [path, found.size, found.mtimeMs, found.ino].join('\0')
  if (verified.get(state) === expected.sha256) return
  const digest = await sha256Of(path).catch((cause: unknown) => {
    throw missing(cause)
  })
  if (digest !== expected.sha256) {
    throw fault('PARAPET_MODEL_DIGEST_MISMATCH', {
      model,
      file,
      received: `of SHA-256 ${digest.slice(0, 12)}…`,
      expected: `${expected.sha256.slice(0, 12)}…`,
    })
  }
  verified.set(state, digest)
}

/**
 * Checks and reads one file.
 * @param limitBytes a larger file is not even hashed
 * @throws `PARAPET_MODEL_FILE_TOO_LARGE` too
 */
export async function readVerifiedFile(
  folder: ModelFolder,
  file: string,
  limitBytes = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const bytes = folder.manifest.files[file]?.bytes ?? 0
  if (bytes > limitBytes) {
    throw fault('PARAPET_MODEL_FILE_TOO_LARGE', { model: folder.manifest.id, file, bytes, limitBytes })
  }
  await verifyFile(folder, file)
  return await readFile(fileOf(folder, file))
}

/** Checks and reads one JSON file. @throws `PARAPET_MODEL_CORRUPT`, `PARAPET_MODEL_FILE_TOO_LARGE` too */
export async function readVerifiedJson(
  folder: ModelFolder,
  file: string,
  limitBytes?: number,
): Promise<unknown> {
  const bytes = await readVerifiedFile(folder, file, limitBytes)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw fault('PARAPET_MODEL_CORRUPT', { model: folder.manifest.id, file, problem: 'it is not JSON' })
  }
}

/** A link may lie in a folder that a stranger packed; it must not name a file elsewhere. */
async function checkInside({ directory, manifest }: ModelFolder, file: string, path: string): Promise<void> {
  if (!(await lstat(path)).isSymbolicLink()) return
  const [target, root] = await Promise.all([realpath(path), realpath(directory)])
  if (target.startsWith(root + sep)) return
  const problem = 'it is a link that leads out of the folder'
  throw fault('PARAPET_MODEL_FILE_OUTSIDE', { model: manifest.id, file, problem })
}

/** The SHA-256 of a file's bytes, in hexadecimal. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
