import type { Streams } from '../command.ts'
import { cliError } from '../errors/codes.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { mapOrdered } from './map-ordered.ts'
import { readLines } from './read-lines.ts'
import { type InvalidLine, isInvalid, type RequestLine, requestLine } from './request-line.ts'

/** What comes out for a line: its fields and an answer, or `failed` with a code. */
export type LineResult = Readonly<Record<string, unknown>>

/** How lines are answered. */
export interface LineWork {
  /** How many lines are worked on side by side. */
  readonly concurrency: number
  /** Fields that only an answer has: what an input line has of them is left out. */
  readonly own: readonly string[]
  /** Answers a line with its fields and more. */
  readonly answer: (line: RequestLine) => Promise<LineResult>
}

/** How many malformed lines are explained one by one; of a wrong file, thousands would say the same. */
const MOST_EXPLAINED = 5

/** The codes that a line failed with, most frequent first, as `code (count)`. */
function summary(codes: ReadonlyMap<string, number>): string {
  const sorted = [...codes].sort(([, a], [, b]) => b - a)
  return sorted.map(([code, count]) => `${code} (${count})`).join(', ')
}

function without(fields: LineResult, names: readonly string[]): LineResult {
  if (!names.some((name) => Object.hasOwn(fields, name))) return fields
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

/**
 * Answers every line in its place, some side by side, in bounded memory. A line that is not a request is answered too,
 * so that the count and the order stay. Resolves to the exit status.
 */
export async function answerLines(
  input: AsyncIterable<Uint8Array | string>,
  { stdout, stderr }: Streams,
  { concurrency, own, answer }: LineWork,
): Promise<number> {
  let total = 0
  const faults = new Map<string, number>()
  let explained = 0

  async function answerInvalid({ number, problem, fields }: InvalidLine): Promise<LineResult> {
    const { code, message } = cliError('PARAPET_CLI_LINE_INVALID', { line: number, problem })
    if (explained++ < MOST_EXPLAINED) await print(stderr, `${code}: ${message}`)
    return { ...fields, failed: code }
  }

  const results = mapOrdered(readLines(input), concurrency, async (line): Promise<LineResult> => {
    const request = requestLine(line)
    const fields = without(request.fields, own)
    return isInvalid(request) ? answerInvalid({ ...request, fields }) : answer({ ...request, fields })
  })
  for await (const result of results) {
    total++
    const { failed } = result
    if (typeof failed === 'string') faults.set(failed, (faults.get(failed) ?? 0) + 1)
    await print(stdout, JSON.stringify(result))
  }
  if (faults.size === 0) return EXIT.ok
  const failed = [...faults.values()].reduce((sum, count) => sum + count, 0)
  const { code, message } = cliError('PARAPET_CLI_LINES_FAILED', { failed, total, codes: summary(faults) })
  await print(stderr, `${code}: ${message}`)
  return EXIT.failed
}
