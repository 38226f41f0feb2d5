import type { FileHandle } from 'node:fs/promises'
import { mkdir, open, readdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sha256Hex } from '../json/digest.ts'
import { MAX_LINE_BYTES } from './chain.ts'
import type { TornLineBody } from './decision-record.ts'
import { systemCode } from './system-code.ts'

/** A log file open for appending. */
export interface LogFile {
  readonly path: string
  readonly number: number
  readonly handle: FileHandle
  /** An incomplete last line that was there already. */
  readonly torn: TornLineBody | undefined
  /** Where the file ends as far as this process knows, in bytes. When it ends elsewhere, others write to it too. */
  end: number
  /** Whether something else than a whole line of ours may stand at the end: then a newline goes first. */
  dirty: boolean
}

/** `audit.jsonl`, `audit.000001.jsonl`, … : files only grow and are never renamed, so processes can share them. */
export function numberedPath(path: string, number: number): string {
  if (number === 0) return path
  const extension = extname(path)
  return join(dirname(path), `${basename(path, extension)}.${String(number).padStart(6, '0')}${extension}`)
}

async function lastNumber(path: string): Promise<number> {
  const extension = extname(path)
  const stem = `${basename(path, extension)}.`
  const numbers = (await readdir(dirname(path))).flatMap((name) => {
    const middle =
      name.startsWith(stem) && name.endsWith(extension)
        ? name.slice(stem.length, -extension.length || undefined)
        : ''
    return /^\d{6,}$/.test(middle) ? [Number(middle)] : []
  })
  return Math.max(0, ...numbers)
}

/** Opens the file that records go to now: the highest number, or the next where that one is full. Mode 0600 when new. */
export async function openLogFile(path: string, least: number, maxBytes: number): Promise<LogFile> {
  await mkdir(dirname(path), { recursive: true })
  for (let number = Math.max(least, await lastNumber(path)); ; number++) {
    const file = await openNumbered(path, number)
    if (file.end < maxBytes) return file
    await file.handle.close()
  }
}

async function openNumbered(path: string, number: number): Promise<LogFile> {
  const numbered = numberedPath(path, number)
  const handle = await open(numbered, 'a+', 0o600)
  try {
    const { size } = await handle.stat()
    if (size === 0) await syncFolder(numbered)
    const torn = await tornLine(handle)
    const end = (await handle.stat()).size
    return { path: numbered, number, handle, torn, end, dirty: torn !== undefined }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** How often, and how long apart, an incomplete line is looked at before it counts: its writer may be writing it now. */
const TORN_CHECKS = 4
const TORN_CHECK_MS = 15

async function tornLine(handle: FileHandle): Promise<TornLineBody | undefined> {
  let before = await lastLine(handle)
  for (let check = 1; check < TORN_CHECKS && before.length > 0; check++) {
    await sleep(TORN_CHECK_MS)
    const now = await lastLine(handle)
    if (now.equals(before)) continue
    before = now
    check = 0
  }
  return before.length === 0
    ? undefined
    : { kind: 'torn-line', bytes: before.length, digest: `sha256:${sha256Hex(before)}` }
}

/** What stands after the last newline: nothing, in a whole file. Reads back no further than a record can be long. */
async function lastLine(handle: FileHandle): Promise<Buffer> {
  const { size } = await handle.stat()
  const pieces: Buffer[] = []
  const step = 64 * 1024
  for (let end = size; end > Math.max(0, size - MAX_LINE_BYTES); end -= step) {
    const start = Math.max(0, end - step)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - start), 0, end - start, start)
    const piece = buffer.subarray(0, bytesRead)
    const newline = piece.lastIndexOf(0x0a)
    pieces.unshift(piece.subarray(newline + 1))
    if (newline >= 0) break
  }
  return Buffer.concat(pieces)
}

/** Makes a new file's name as durable as its content, where the system can. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } catch (error) {
    // Some network and overlay systems cannot sync a folder; the file itself is still synced.
    if (!['EINVAL', 'ENOTSUP', 'EPERM'].includes(systemCode(error))) throw error
  } finally {
    await folder.close()
  }
}
