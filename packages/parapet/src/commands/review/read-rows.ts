import { openInput } from '../../lines/input.ts'
import { readLines } from '../../lines/read-lines.ts'
import { parseCsv } from './csv.ts'

/** A row of a file, and the line it stands on. Undefined: it is no row. */
interface Row {
  readonly line: number
  readonly row: unknown
}

/** The most bytes of CSV that are read: it is held as a whole. JSON lines are read one at a time. */
const MOST_CSV_BYTES = 64 * 1024 * 1024

/** The rows of a file, or of standard input. @throws PARAPET_CLI_INPUT_MISSING */
export async function* readRows(
  path: string,
  format: 'csv' | 'jsonl',
  stdin: NodeJS.ReadableStream,
): AsyncGenerator<Row> {
  const input = await openInput(path, stdin)
  if (format === 'csv') yield* csvRows(input)
  else for await (const { number, text } of readLines(input)) yield { line: number, row: parse(text) }
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

async function* csvRows(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<Row> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of input) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > MOST_CSV_BYTES) {
      yield { line: 1, row: undefined }
      return
    }
    chunks.push(piece)
  }
  const [header, ...rows] = parseCsv(
    Buffer.concat(chunks)
      .toString('utf8')
      .replace(/^\ufeff/, ''),
  )
  for (const { line, cells } of rows) {
    const isWhole = header !== undefined && cells.length === header.cells.length
    // An empty cell is no value.
    const entries = header?.cells.map((name, index) => [name, cells[index]] as const) ?? []
    yield { line, row: isWhole ? Object.fromEntries(entries.filter(([, value]) => value !== '')) : undefined }
  }
}
