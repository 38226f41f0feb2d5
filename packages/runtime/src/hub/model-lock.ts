import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { hubFault } from './codes.ts'
import { checkRepositoryPath } from './repository-file.ts'

/** The record of where a cached model's files came from and what they are. It lies beside them. */
export const MODEL_LOCK_FILE = 'parapet-model.lock.json'
export const MODEL_LOCK_SCHEMA = 'parapet.model-lock/1'

const LARGEST_BYTES = 1024 * 1024
const hex = (length: number) => z.string().regex(new RegExp(`^[0-9a-f]{${length}}$`))
const fileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/)

const modelLockSchema = z.object({
  schema: z.literal(MODEL_LOCK_SCHEMA),
  endpoint: z.url(),
  repo: z.string().min(1).max(200),
  /** What was asked for when the model was fetched. */
  revision: z.string().min(1).max(200),
  /** What that named then: every file is of this commit. */
  commit: hex(40),
  /** The dtype, or the name of another choice of files. */
  variant: z.string().min(1).max(60),
  licence: z.string().min(1).max(60),
  /** Name here → where the file lies in the repository, and its digests. */
  files: z.record(
    fileName,
    z.object({
      path: z.string().refine(checkRepositoryPath),
      bytes: z.int().nonnegative(),
      sha256: hex(64),
      /** As git names the blob. */
      gitSha1: hex(40),
    }),
  ),
})

export type ModelLock = z.infer<typeof modelLockSchema>

/** @throws `PARAPET_HUB_LOCK_INVALID` */
export async function readModelLock(directory: string): Promise<ModelLock> {
  const path = join(directory, MODEL_LOCK_FILE)
  let value: unknown
  try {
    if ((await stat(path)).size > LARGEST_BYTES) throw new RangeError('too long')
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw hubFault('PARAPET_HUB_LOCK_INVALID', { problem: 'it is missing, too long or not JSON' }, { cause })
  }
  const parsed = modelLockSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const problem = `it has another form at "${parsed.error.issues[0]?.path.slice(0, 2).join('.') ?? ''}"`
  throw hubFault('PARAPET_HUB_LOCK_INVALID', { problem })
}
