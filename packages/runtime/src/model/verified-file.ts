import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { fault } from '../errors/codes.ts'
import { fileOf, type ModelFolder } from './model-folder.ts'

/** Files whose digests were right, by path, size, time of change and inode: not hashed twice in one process. */
const verified = new Map<string, string>()

/**
 * Checks one file of a model folder against the manifest, in a stream.
 * @throws `PARAPET_MODEL_FILE_MISSING`, `PARAPET_MODEL_DIGEST_MISMATCH`, `PARAPET_MODEL_MANIFEST_INVALID` (not listed)
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

/** Checks and reads one file. */
export async function readVerifiedFile(folder: ModelFolder, file: string): Promise<Uint8Array> {
  await verifyFile(folder, file)
  return await readFile(fileOf(folder, file))
}

/** Checks and reads one JSON file. @throws `PARAPET_MODEL_CORRUPT` too */
export async function readVerifiedJson(folder: ModelFolder, file: string): Promise<unknown> {
  const bytes = await readVerifiedFile(folder, file)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw fault('PARAPET_MODEL_CORRUPT', { model: folder.manifest.id, file, problem: 'it is not JSON' })
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }))
    hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
