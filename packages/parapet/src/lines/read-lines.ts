/** The longest line that is read, in bytes; a longer one is reported and skipped. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024

/** A line of the input, or undefined where it was longer than `MAX_LINE_BYTES`. */
export interface Line {
  readonly number: number
  readonly text: string | undefined
}

/** Splits a stream of bytes into lines, holding one line at a time. Blank lines are left out. */
export async function* readLines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<Line> {
  let pieces: Uint8Array[] = []
  let length = 0
  let number = 0

  function* finish(): Generator<Line> {
    number++
    const whole = length <= MAX_LINE_BYTES ? decode(pieces, number === 1) : undefined
    pieces = []
    length = 0
    if (whole === undefined || whole.trim() !== '') yield { number, text: whole }
  }

  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk
    let start = 0
    for (;;) {
      const end = bytes.indexOf(10, start)
      const piece = bytes.subarray(start, end === -1 ? undefined : end)
      length += piece.length
      if (length <= MAX_LINE_BYTES) pieces.push(piece)
      else pieces = []
      if (end === -1) break
      yield* finish()
      start = end + 1
    }
  }
  if (length > 0) yield* finish()
}

/** A byte order mark at the start of a file is no part of its first line. */
function decode(pieces: readonly Uint8Array[], first: boolean): string {
  const text = Buffer.concat(pieces).toString('utf8')
  return first && text.startsWith('\ufeff') ? text.slice(1) : text
}
