import { constants } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inAttempts } from './attempts.ts'
import { cacheFault } from './cache-fault.ts'
import { hubFault } from './codes.ts'
import { digestFile, type FileDigest, isListed } from './file-digest.ts'
import { type HubAnswer, hubFetch } from './hub-fetch.ts'
import type { ResolvedHubModel } from './hub-options.ts'
import type { RepositoryFile } from './repository-file.ts'

/** Where the parts of files are kept until they are whole, and where a whole one goes. */
export interface DownloadPlace {
  /** Folder of files that are not whole; each is named after the digest of what it shall become. */
  readonly partFolder: string
  /** Path of the whole file. */
  readonly target: string
}

/**
 * Downloads one file of a commit, going on where an earlier download ended, and puts it in its place when its digest is
 * the listed one. Bytes are written where they belong in the file, so that two processes at once write the same.
 * @param report bytes of the file that are here
 * @throws `PARAPET_HUB_…`, `PARAPET_RUNTIME_ABORTED`
 */
export async function downloadFile(
  hub: ResolvedHubModel,
  commit: string,
  file: RepositoryFile,
  { partFolder, target }: DownloadPlace,
  report: (bytes: number) => void,
): Promise<FileDigest> {
  const part = join(partFolder, `${file.digest.hex}.part`)
  try {
    const resumed = (await sizeOf(part)) > 0
    let found = await fetchPart(hub, commit, file, part, report)
    // What was kept from before may be what is wrong.
    if (!found && resumed) found = await fetchPart(hub, commit, file, part, report)
    if (!found) throw hubFault('PARAPET_HUB_DIGEST_MISMATCH', { repository: hub.repo, file: file.path })
    await rename(part, target)
    await rm(`${part}.etag`, { force: true })
    return found
  } catch (error) {
    throw cacheFault(error, file.bytes - (await sizeOf(part)))
  }
}

/** Receives what is missing; `undefined` (and nothing is kept) where the whole is not what was listed. */
async function fetchPart(
  hub: ResolvedHubModel,
  commit: string,
  file: RepositoryFile,
  part: string,
  report: (bytes: number) => void,
): Promise<FileDigest | undefined> {
  let received = 0
  const handle = await open(part, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o644)
  try {
    await inAttempts(
      hub,
      () =>
        receive(hub, commit, file, { part, handle }, (bytes, whole) => {
          received += bytes
          report(whole)
        }),
      () => received,
    )
    await handle.sync()
  } finally {
    await handle.close()
  }
  const found = await digestFile(part)
  if (isListed(found, file)) return found
  await Promise.all([rm(part, { force: true }), rm(`${part}.etag`, { force: true })])
  return undefined
}

interface OpenPart {
  readonly part: string
  readonly handle: FileHandle
}

async function receive(
  hub: ResolvedHubModel,
  commit: string,
  file: RepositoryFile,
  { part, handle }: OpenPart,
  came: (bytes: number, whole: number) => void,
): Promise<void> {
  const kept = await keptBytes(handle, file)
  came(0, kept)
  if (kept === file.bytes) return
  const path = file.path.split('/').map(encodeURIComponent).join('/')
  const address = new URL(`${hub.repo}/resolve/${commit}/${path}`, hub.endpoint)
  const etag = kept > 0 ? await readFile(`${part}.etag`, 'utf8').catch(() => '') : ''
  const headers: Record<string, string> =
    kept > 0 ? { range: `bytes=${kept}-`, ...(etag === '' ? {} : { 'if-range': etag }) } : {}
  await hubFetch(hub, address, { repository: hub.repo, revision: commit, headers }, async (answer) => {
    let position = await startOf(answer, kept, file, handle)
    if (position === 0) await keepEtag(answer, part)
    for await (const chunk of answer.chunks()) {
      if (position + chunk.length > file.bytes)
        throw malformed(answer, `more than the ${file.bytes} bytes that were listed came`)
      await writeWhole(handle, chunk, position)
      position += chunk.length
      came(chunk.length, position)
    }
    if (position < file.bytes)
      throw hubFault('PARAPET_HUB_UNREACHABLE', { host: answer.host, problem: 'the file was cut off' })
  })
}

/** How much of the file is here; nothing, where the part cannot be the file's beginning. */
async function keptBytes(handle: FileHandle, { bytes }: RepositoryFile): Promise<number> {
  const { size } = await handle.stat()
  if (size <= bytes) return size
  await handle.truncate(0)
  return 0
}

/** Where in the file the answer's first byte belongs. */
async function startOf(
  answer: HubAnswer,
  kept: number,
  file: RepositoryFile,
  handle: FileHandle,
): Promise<number> {
  if (answer.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')
    if (Number(range?.[1]) === kept && Number(range?.[2]) === file.bytes) return kept
  }
  // The whole file, because it changed or the host knows no ranges; or a range that is not the one that is missing.
  await handle.truncate(0)
  if (answer.status === 200) return 0
  throw hubFault('PARAPET_HUB_UNREACHABLE', {
    host: answer.host,
    problem: 'another range came than was asked for',
  })
}

/** Only a strong tag says that two answers are the same bytes. */
async function keepEtag(answer: HubAnswer, part: string): Promise<void> {
  const etag = answer.headers.get('etag') ?? ''
  if (/^"[\x21\x23-\x7e]{1,256}"$/.test(etag)) await writeFile(`${part}.etag`, etag)
  else await rm(`${part}.etag`, { force: true })
}

async function writeWhole(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written)
    written += bytesWritten
  }
}

function malformed({ host }: HubAnswer, problem: string): Error {
  return hubFault('PARAPET_HUB_ANSWER_MALFORMED', { host, problem })
}

async function sizeOf(path: string): Promise<number> {
  return await stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
