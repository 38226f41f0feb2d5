import { print, type Streams } from '../command.ts'
import { cliError } from '../errors/codes.ts'
import { EXIT } from '../output/exit-codes.ts'
import { mapOrdered } from './map-ordered.ts'
import { readLines } from './read-lines.ts'
import { isInvalid, type RequestLine, requestLine } from './request-line.ts'

/** What comes out for a line: its fields and an answer, or `failed` with a code. */
export type LineResult = Readonly<Record<string, unknown>>

/**
 * Answers every line in its place, some side by side, in bounded memory. A line that is not a request is answered too,
 * so that the count and the order stay. Resolves to the exit status.
 */
export async function answerLines(
  input: AsyncIterable<Uint8Array | string>,
  concurrency: number,
  { stdout, stderr }: Streams,
  answer: (line: RequestLine) => Promise<LineResult>,
): Promise<number> {
  let total = 0
  let failed = 0
  const results = mapOrdered(readLines(input), concurrency, async (line): Promise<LineResult> => {
    const request = requestLine(line)
    return isInvalid(request) ? { failed: 'PARAPET_CLI_LINE_INVALID', line: request.number } : answer(request)
  })
  for await (const result of results) {
    total++
    if ('failed' in result) failed++
    await print(stdout, JSON.stringify(result))
  }
  if (failed === 0) return EXIT.ok
  const { code, message } = cliError('PARAPET_CLI_LINES_FAILED', { failed, total })
  await print(stderr, `${code}: ${message}`)
  return EXIT.failed
}
