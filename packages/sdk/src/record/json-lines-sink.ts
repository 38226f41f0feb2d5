import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { chainLine, FIRST_PREVIOUS, type Head, MAX_LINE_BYTES, type Members, membersOf } from './chain.ts'
import { checkedMembers } from './checked-members.ts'
import type { RecordBody, RecordSink, TornLineBody } from './decision-record.ts'
import { recordError } from './errors.ts'
import {
  type JsonLinesOptions,
  type ResolvedJsonLinesOptions,
  resolveJsonLinesOptions,
} from './json-lines-options.ts'
import { type LogFile, openLogFile } from './log-file.ts'
import { systemCode } from './system-code.ts'

/** A sink that writes one chain of JSON lines. */
export interface JsonLinesSink extends RecordSink {
  /** The name of this sink's chain. */
  readonly writer: string
  /** The last record that was stored as durably as configured; undefined before the first. */
  head(): Head | undefined
  close(): Promise<void>
}

/** A record on its way to the file. */
interface Pending {
  readonly members: Members
  readonly at: number
  readonly bytes: number
  resolve(): void
  reject(error: Error): void
}

/** What stands around a body in its line, at most. */
const LINK_BYTES = 640
/** How much is chained and written at once: bounds the turn of the event loop that hashing takes. */
const BATCH_BYTES = 512 * 1024

/**
 * Writes records as JSON lines in one hash chain. Appends are batched: those that wait while the disk is busy share
 * the next write and the next sync. An append resolves when its record is stored as `fsync` says, in the order of
 * the calls; it rejects when its record is not, or may not be, in the file. Files are opened at the first append.
 *
 * A full disk or a lost permission rejects the appends it hits and no others: the next append tries again.
 * @throws PARAPET_RECORD_OPTIONS_INVALID; appends reject with PARAPET_RECORD_INVALID, _TOO_LARGE, _BACKLOG, _DISK_FULL,
 *   _READ_ONLY, _WRITE_FAILED, _CLOSED
 */
export function jsonLinesSink(options: JsonLinesOptions): JsonLinesSink {
  return new JsonLinesWriter(resolveJsonLinesOptions(options))
}

class JsonLinesWriter implements JsonLinesSink {
  readonly writer = randomUUID()
  readonly #options: ResolvedJsonLinesOptions
  readonly #path: string
  #queue: Pending[] = []
  #draining: Promise<void> | undefined
  #file: LogFile | undefined
  #fileNumber = 0
  /** Incomplete lines found, until a record that accounts for them is stored. */
  #torn: TornLineBody[] = []
  #sequence = 0
  #previous = FIRST_PREVIOUS
  #head: Head | undefined
  #unsynced = false
  #syncFailed = false
  #syncTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ResolvedJsonLinesOptions) {
    this.#options = options
    const time = new Date(options.now()).toISOString().replace(/[-:]|\.\d+/g, '')
    this.#path = options.path ?? join(options.directory ?? '', `records-${time}-${this.writer}.jsonl`)
  }

  head(): Head | undefined {
    return this.#head
  }

  async append(body: RecordBody): Promise<void> {
    if (this.#closed) throw recordError('PARAPET_RECORD_CLOSED', undefined)
    const { maxPending, now } = this.#options
    if (this.#queue.length >= maxPending)
      throw recordError('PARAPET_RECORD_BACKLOG', { pending: this.#queue.length })
    const members = checkedMembers(body)
    const bytes = members.reduce(
      (sum, [key, json]) => sum + key.length + Buffer.byteLength(json) + 4,
      LINK_BYTES,
    )
    if (bytes > MAX_LINE_BYTES)
      throw recordError('PARAPET_RECORD_TOO_LARGE', { bytes, maxBytes: MAX_LINE_BYTES })
    const stored = new Promise<void>((resolve, reject) => {
      this.#queue.push({ members, at: now(), bytes, resolve, reject })
    })
    this.#draining ??= this.#drain()
    await stored
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#draining
    const file = this.#file
    if (!file) return
    this.#file = undefined
    clearTimeout(this.#syncTimer)
    try {
      if (this.#unsynced) await file.handle.datasync()
    } catch (error) {
      throw writeError(file.path, error)
    } finally {
      await file.handle.close()
    }
  }

  async #drain(): Promise<void> {
    // A turn later, so that appends made in one turn share a batch.
    await Promise.resolve()
    while (this.#queue.length > 0) await this.#writeBatch(this.#takeBatch())
    this.#draining = undefined
  }

  #takeBatch(): Pending[] {
    let bytes = 0
    let count = 0
    for (const pending of this.#queue) {
      if (count > 0 && bytes + pending.bytes > BATCH_BYTES) break
      bytes += pending.bytes
      count++
    }
    return this.#queue.splice(0, count)
  }

  /** Writes a batch and settles each of its appends. Never rejects. */
  async #writeBatch(batch: readonly Pending[]): Promise<void> {
    let stored = 0
    try {
      const file = await this.#currentFile()
      const lines = this.#chain(batch)
      const { written, error } = await writeAll(file, lines)
      const whole = lines.filter(({ end }) => end <= written)
      this.#advance(whole.at(-1))
      this.#torn.splice(0, whole.length)
      if (whole.length > 0) await this.#sync(file)
      stored = whole.filter(({ own }) => own).length
      for (const { resolve } of batch.slice(0, stored)) resolve()
      const last = whole.at(-1)
      if (last) this.#head = { writer: this.writer, sequence: last.sequence, hash: last.hash }
      if (error !== undefined) throw error
    } catch (error) {
      const fault = writeError(this.#file?.path ?? this.#path, error)
      for (const { reject } of batch.slice(stored)) reject(fault)
      await this.#abandonFile()
    }
  }

  /** Chains the incomplete lines that were found, then the batch. The chain advances only with what is written. */
  #chain(batch: readonly Pending[]): Line[] {
    const at = this.#options.now()
    const torn = this.#torn.map((body) => ({ members: membersOf(body), at, own: false }))
    let previous = this.#previous
    return [...torn, ...batch.map(({ members, at }) => ({ members, at, own: true }))].map((entry, index) => {
      const sequence = this.#sequence + index
      const link = {
        schema: 'parapet.record/1',
        writer: this.writer,
        sequence,
        at: entry.at,
        previous,
      } as const
      const { line, hash } = chainLine(entry.members, link, this.#options.keys?.current)
      previous = hash
      return { text: `${line}\n`, sequence, hash, own: entry.own, end: 0 }
    })
  }

  #advance(last: Line | undefined): void {
    if (!last) return
    this.#sequence = last.sequence + 1
    this.#previous = last.hash
  }

  async #currentFile(): Promise<LogFile> {
    const file = this.#file
    if (file) {
      const { size, nlink } = await file.handle.stat()
      if (size !== file.end) file.dirty = true
      file.end = size
      // A file that was deleted still takes writes, which nobody will ever see.
      if (nlink > 0 && size < this.#options.maxBytes) return file
      if (this.#unsynced) await file.handle.datasync()
      await this.#abandonFile()
    }
    const opened = await openLogFile(this.#path, this.#fileNumber, this.#options.maxBytes)
    this.#file = opened
    this.#fileNumber = opened.number
    if (opened.torn) this.#torn.push(opened.torn)
    return opened
  }

  async #sync(file: LogFile): Promise<void> {
    if (this.#options.fsync === 'always' || this.#syncFailed) {
      await file.handle.datasync()
      this.#syncFailed = false
      return
    }
    this.#unsynced = true
    this.#syncTimer ??= setTimeout(() => void this.#syncLater(), this.#options.fsyncIntervalMs).unref()
  }

  /** The sync of an interval. When it fails, the next append waits for one of its own and reports the fault. */
  async #syncLater(): Promise<void> {
    this.#syncTimer = undefined
    this.#unsynced = false
    try {
      await this.#file?.handle.datasync()
    } catch {
      this.#unsynced = true
      this.#syncFailed = true
    }
  }

  /** Closes the file. After a fault nothing is known of it: it is opened, and its end looked at, anew. */
  async #abandonFile(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    clearTimeout(this.#syncTimer)
    this.#syncTimer = undefined
    this.#unsynced = false
    await file?.handle.close().catch(() => undefined)
  }
}

/** A chained line and, once laid out, where its JSON ends in the batch: a line that lacks but its newline is whole. */
interface Line {
  readonly text: string
  readonly sequence: number
  readonly hash: string
  /** Whether it belongs to an append, and not to an incomplete line that was found. */
  readonly own: boolean
  end: number
}

/** Writes lines in as few calls as the system allows, and says how many bytes of them got there. */
async function writeAll(
  file: LogFile,
  lines: readonly Line[],
): Promise<{ written: number; error?: unknown }> {
  const bytes = Buffer.from(`${file.dirty ? '\n' : ''}${lines.map(({ text }) => text).join('')}`)
  let end = file.dirty ? 1 : 0
  for (const line of lines) {
    end += Buffer.byteLength(line.text)
    line.end = end - 1
  }
  let written = 0
  try {
    while (written < bytes.length) {
      const { bytesWritten } = await file.handle.write(bytes, written, bytes.length - written)
      written += bytesWritten
    }
    return { written }
  } catch (error) {
    return { written, error }
  } finally {
    file.end += written
    file.dirty &&= written < bytes.length
  }
}

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const FORBIDDEN = new Set(['EROFS', 'EACCES', 'EPERM'])

function writeError(path: string, cause: unknown): Error {
  const system = systemCode(cause)
  const code = FULL.has(system)
    ? 'PARAPET_RECORD_DISK_FULL'
    : FORBIDDEN.has(system)
      ? 'PARAPET_RECORD_READ_ONLY'
      : 'PARAPET_RECORD_WRITE_FAILED'
  return recordError(code, { path, system }, { cause })
}
