import { createReadStream } from 'node:fs'
import { MAX_LINE_BYTES } from './chain.ts'
import { recordError } from './errors.ts'
import { systemCode } from './system-code.ts'

/** One line of a log, as bytes, without its newline. */
export interface RawLine {
  /** The file, or the name that the lines were given. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** Undefined when the line is longer than a record may be: its bytes were counted and not kept. */
  readonly bytes: Buffer | undefined
  readonly length: number
}

/** Lines of one log file (or of lines at hand), in order, in bounded memory. Blank lines are left out. */
export interface RecordLines {
  readonly name: string
  read(): AsyncIterable<RawLine>
}

/** Where records come from: the paths of files, or lines at hand. */
export type RecordSource = string | RecordLines

/** Lines at hand, e.g. of a memory sink or a database. */
export function recordLines(lines: Iterable<string> | AsyncIterable<string>, name = 'lines'): RecordLines {
  return {
    name,
    async *read() {
      let line = 0
      for await (const text of lines) {
        line++
        const bytes = Buffer.from(text, 'utf8')
        const kept = bytes.length <= MAX_LINE_BYTES ? bytes : undefined
        if (bytes.length > 0) yield { file: name, line, bytes: kept, length: bytes.length }
      }
    },
  }
}

/** The lines of a file. A file that ends within a line yields what is there. */
export function recordFile(path: string): RecordLines {
  return { name: path, read: () => readFileLines(path) }
}

/** All sources, as lines. */
export function linesOf(sources: RecordSource | readonly RecordSource[]): RecordLines[] {
  return (Array.isArray(sources) ? sources : [sources]).map((source: RecordSource) =>
    typeof source === 'string' ? recordFile(source) : source,
  )
}

async function* readFileLines(path: string): AsyncGenerator<RawLine> {
  let line = 1
  let pieces: Buffer[] = []
  let length = 0
  const take = (piece: Buffer): void => {
    length += piece.length
    if (length <= MAX_LINE_BYTES) pieces.push(piece)
    else pieces = []
  }
  const end = (): RawLine => {
    const bytes = length <= MAX_LINE_BYTES ? Buffer.concat(pieces) : undefined
    const raw = { file: path, line, bytes, length }
    line++
    pieces = []
    length = 0
    return raw
  }
  try {
    for await (const chunk of createReadStream(path, {
      highWaterMark: 256 * 1024,
    }) as AsyncIterable<Buffer>) {
      let from = 0
      for (let newline = chunk.indexOf(0x0a); newline >= 0; newline = chunk.indexOf(0x0a, from)) {
        take(chunk.subarray(from, newline))
        from = newline + 1
        const raw = end()
        if (raw.length > 0) yield raw
      }
      if (from < chunk.length) take(chunk.subarray(from))
    }
  } catch (cause) {
    throw recordError('PARAPET_RECORD_READ_FAILED', { path, system: systemCode(cause) }, { cause })
  }
  if (length > 0) yield end()
}
