import { z } from 'zod'
import { sha256Hex } from '../json/digest.ts'
import type { Break, BreakKind } from './break.ts'
import { type Head, hashOfLine } from './chain.ts'
import { ChainRuns } from './chain-runs.ts'
import type { DecisionRecord } from './decision-record.ts'
import { recordError } from './errors.ts'
import { type ReadLine, readRecords } from './read-record.ts'
import { type RecordKeys, sealOf } from './record-keys.ts'
import type { RecordSource } from './record-lines.ts'

/** What `verifyRecords` found. */
export interface Verification {
  /** Whether nothing is broken. It does not say that no chain was cut off at its end, unless heads were given. */
  readonly ok: boolean
  /** False when so much was broken (200,000 places) that reading stopped. */
  readonly complete: boolean
  readonly lines: number
  readonly records: number
  /** At most `maxBreaks` of them, in the order found. */
  readonly breaks: readonly Break[]
  /** How many there were. */
  readonly broken: number
  /** Where each chain stands now. Keep them elsewhere, and pass them to the next call. */
  readonly heads: readonly Head[]
  /** Incomplete lines that a sink found and accounted for: writes that were never acknowledged. */
  readonly torn: number
  /** Records whose seal was made with a key that was not given. Undefined without keys. */
  readonly unchecked?: number
}

export interface VerifyOptions {
  /** Heads of earlier: each must still be there, or be what a chain goes on from (older files may be gone). */
  readonly heads?: readonly Head[]
  /** Checks seals too: a record without one is broken. */
  readonly keys?: RecordKeys
  /** How many breaks are listed. @default 1_000 */
  readonly maxBreaks?: number
}

const headsSchema = z.array(
  z.object({
    writer: z.string().min(1).max(64),
    sequence: z.int().min(0),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  }),
)

/** Heads as they were stored. @throws PARAPET_RECORD_HEADS_INVALID */
export function parseHeads(value: unknown): Head[] {
  const result = headsSchema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw recordError('PARAPET_RECORD_HEADS_INVALID', { issue: `${issue?.path.join('.')} (${issue?.code})` })
}

/**
 * Checks every chain in a log, over any number of files in any order, with several writers in one file. Streams: memory
 * grows with the number of writers, files and breaks, not with the number of records.
 *
 * Without `heads` it cannot see that the end of a chain, or a whole chain, was removed; without `keys` it cannot see
 * that someone wrote a chain anew.
 * @throws PARAPET_RECORD_READ_FAILED, PARAPET_RECORD_HEADS_INVALID
 */
export async function verifyRecords(
  sources: RecordSource | readonly RecordSource[],
  options: VerifyOptions = {},
): Promise<Verification> {
  const { keys, maxBreaks = 1_000 } = options
  const breaks: Break[] = []
  let broken = 0
  const report = (found: Break): void => {
    broken++
    if (breaks.length < maxBreaks) breaks.push(found)
  }
  const runs = new ChainRuns(parseHeads(options.heads ?? []), report)
  const truncated = new TruncatedLines()
  let lines = 0
  let records = 0
  let unchecked = 0

  for await (const read of readRecords(sources)) {
    lines++
    if ('fault' in read) {
      if (read.fault.code === 'PARAPET_RECORD_LINE_TRUNCATED' && !truncated.full) truncated.found(read)
      else report(faultBreak(read))
      continue
    }
    records++
    const { record } = read
    if (record.kind === 'torn-line') truncated.accounted(record.digest)
    const hash = hashOfLine(read.text)
    if (hash !== record.hash)
      report(breakAt(read, 'edited', 'The line does not have the hash that stands in it.'))
    const sealed = keys ? checkSeal(record, keys) : 'good'
    if (sealed === 'unknown') unchecked++
    if (sealed === 'none') report(breakAt(read, 'unsealed', 'The record has no seal, and keys were given.'))
    if (sealed === 'wrong' && hash === record.hash)
      report(breakAt(read, 'edited', 'The seal was not made with the key that it names.'))
    runs.add(record, { file: read.file, line: read.line, intact: hash === record.hash })
    if (runs.full) break
  }
  runs.finish()
  for (const read of truncated.unaccounted()) report(read)
  return {
    ok: broken === 0 && !runs.full,
    complete: !runs.full,
    lines,
    records,
    breaks,
    broken,
    heads: runs.heads(),
    torn: truncated.torn,
    ...(keys ? { unchecked } : {}),
  }
}

function checkSeal({ seal, hash }: DecisionRecord, keys: RecordKeys): 'good' | 'wrong' | 'unknown' | 'none' {
  if (seal === undefined) return 'none'
  const key = keys.find(seal.split(':')[1] ?? '')
  if (!key) return 'unknown'
  return seal === sealOf(key, hash) ? 'good' : 'wrong'
}

function breakAt(
  read: ReadLine & { readonly record: DecisionRecord },
  kind: BreakKind,
  detail: string,
): Break {
  const { file, line, record } = read
  return { kind, file, line, writer: record.writer, sequence: record.sequence, detail }
}

function faultBreak({
  file,
  line,
  fault,
}: ReadLine & { readonly fault: { code: string; message: string } }): Break {
  const kind = fault.code === 'PARAPET_RECORD_LINE_VERSION' ? 'version' : 'malformed'
  return { kind, file, line, detail: fault.message }
}

/** More cut lines than this are no log of ours. */
const MOST_TRUNCATED = 200_000

/** Lines that are cut off, until it is known whether a sink accounted for each. */
class TruncatedLines {
  readonly #lines: (Break & { readonly digest: string })[] = []
  readonly #accounted = new Set<string>()

  get full(): boolean {
    return this.#lines.length >= MOST_TRUNCATED
  }

  found({ file, line, bytes, fault }: ReadLine & { readonly fault: { message: string } }): void {
    const digest = `sha256:${sha256Hex(bytes ?? '')}`
    this.#lines.push({ kind: 'truncated', file, line, detail: fault.message, digest })
  }

  accounted(digest: string): void {
    this.#accounted.add(digest)
  }

  get torn(): number {
    return this.#lines.filter(({ digest }) => this.#accounted.has(digest)).length
  }

  unaccounted(): Break[] {
    return this.#lines
      .filter(({ digest }) => !this.#accounted.has(digest))
      .map(({ digest: _digest, ...found }) => found)
  }
}
