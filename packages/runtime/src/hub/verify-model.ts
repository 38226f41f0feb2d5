import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { openModelFolder } from '../model/model-folder.ts'
import { digestFile } from './file-digest.ts'
import { readModelLock } from './model-lock.ts'

/** What became of a file since it was fetched. */
export interface VerifiedFile {
  readonly file: string
  readonly state: 'right' | 'missing' | 'changed'
}

/**
 * Reads every file of a cached model and compares it with the record of when it was fetched, and the manifest with that
 * record.
 * @throws `PARAPET_HUB_LOCK_INVALID`, `PARAPET_MODEL_MANIFEST_INVALID`, `PARAPET_MODEL_FILE_MISSING` (no manifest)
 */
export async function verifyModel(directory: string): Promise<VerifiedFile[]> {
  const lock = await readModelLock(directory)
  const { manifest } = await openModelFolder(directory)
  const named = new Set([...Object.keys(lock.files), ...Object.keys(manifest.files)])
  const states = [...named].sort().map(async (file): Promise<VerifiedFile> => {
    const path = join(directory, file)
    const there = await lstat(path).catch(() => undefined)
    if (!there?.isFile()) return { file, state: 'missing' }
    const { sha256 } = await digestFile(path)
    const right = [lock.files[file]?.sha256, manifest.files[file]?.sha256].every((said) => said === sha256)
    return { file, state: right ? 'right' : 'changed' }
  })
  return Promise.all(states)
}
