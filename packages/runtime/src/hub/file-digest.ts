import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { RepositoryFile } from './repository-file.ts'

/** What a file on the disk is. */
export interface FileDigest {
  readonly bytes: number
  /** In hexadecimal. */
  readonly sha256: string
  /** As git names a blob: the SHA-1 of `blob <bytes>\0` and the file's bytes. In hexadecimal. */
  readonly gitSha1: string
}

/** Reads a file once, in a stream, for both digests. */
export async function digestFile(path: string): Promise<FileDigest> {
  const { size: bytes } = await stat(path)
  const sha256 = createHash('sha256')
  const gitSha1 = createHash('sha1').update(`blob ${bytes}\0`)
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    sha256.update(chunk as Uint8Array)
    gitSha1.update(chunk as Uint8Array)
  }
  return { bytes, sha256: sha256.digest('hex'), gitSha1: gitSha1.digest('hex') }
}

/** Whether a file on the disk is the one that the hub listed. */
export function isListed(found: FileDigest, { bytes, digest }: RepositoryFile): boolean {
  return found.bytes === bytes && (digest.kind === 'sha256' ? found.sha256 : found.gitSha1) === digest.hex
}
