import { MAX_LINE_BYTES } from './chain.ts'
import type { DecisionRecord } from './decision-record.ts'
import { RECORD_ERRORS } from './errors.ts'
import { linesOf, type RawLine, type RecordSource } from './record-lines.ts'
import { firstIssue, recordSchema } from './record-schema.ts'

type LineFaultCode = Extract<keyof typeof RECORD_ERRORS, `PARAPET_RECORD_LINE_${string}`>

/** Why a line could not be read as a record: one of the error codes, and its message. Holds nothing of the line. */
export interface LineFault {
  readonly code: LineFaultCode
  readonly message: string
}

/** A line, and the record in it or what is wrong with it. */
export type ReadLine = RawLine &
  ({ readonly record: DecisionRecord; readonly text: string } | { readonly fault: LineFault })

/** Reads a line: at most 8 MiB of UTF-8, one JSON object, schema `parapet.record/1`. Never throws. */
export function readRecord(raw: RawLine): ReadLine {
  const { bytes, length } = raw
  if (!bytes) {
    const message = RECORD_ERRORS.PARAPET_RECORD_LINE_TOO_LONG.message({
      bytes: length,
      maxBytes: MAX_LINE_BYTES,
    })
    return { ...raw, fault: { code: 'PARAPET_RECORD_LINE_TOO_LONG', message } }
  }
  const text = decode(bytes)
  const json = text === undefined ? undefined : parse(text)
  if (text === undefined || json === undefined) return { ...raw, fault: notJson(bytes) }
  const version = Object.hasOwn(json, 'schema') ? (json as { schema: unknown }).schema : undefined
  if (typeof version === 'string' && version !== 'parapet.record/1' && version.startsWith('parapet.record/'))
    return { ...raw, fault: fault('PARAPET_RECORD_LINE_VERSION') }
  const result = recordSchema.safeParse(json)
  if (!result.success) return { ...raw, fault: invalid(firstIssue(result.error)) }
  // A parser keeps this key as a member like any other, and the schema's records do not look at it.
  if (text.includes('"__proto__"')) return { ...raw, fault: invalid('it has a key named __proto__') }
  return { ...raw, text, record: json as DecisionRecord }
}

/** Reads all lines of all sources, in the order given. @throws PARAPET_RECORD_READ_FAILED */
export async function* readRecords(
  sources: RecordSource | readonly RecordSource[],
): AsyncGenerator<ReadLine> {
  for (const lines of linesOf(sources)) for await (const raw of lines.read()) yield readRecord(raw)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function parse(text: string): object | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined
  } catch {
    return undefined
  }
}

/** What every line of ours begins with: `at` sorts first. */
const BEGINNING = Buffer.from('{"at":')

function notJson(bytes: Buffer): LineFault {
  const begins = bytes.subarray(0, BEGINNING.length).equals(BEGINNING.subarray(0, bytes.length))
  // A power cut can leave zeros where a file had grown and its data had not arrived.
  return fault(
    begins || bytes.every((byte) => byte === 0)
      ? 'PARAPET_RECORD_LINE_TRUNCATED'
      : 'PARAPET_RECORD_LINE_NOT_JSON',
  )
}

function fault(
  code: 'PARAPET_RECORD_LINE_VERSION' | 'PARAPET_RECORD_LINE_TRUNCATED' | 'PARAPET_RECORD_LINE_NOT_JSON',
): LineFault {
  return { code, message: RECORD_ERRORS[code].message(undefined) }
}

function invalid(issue: string): LineFault {
  const code = 'PARAPET_RECORD_LINE_INVALID'
  return { code, message: RECORD_ERRORS[code].message({ issue }) }
}
