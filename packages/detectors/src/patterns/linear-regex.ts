import { RE2JS, RE2JSException } from 're2js'

/** The stretch of a text in which matches are looked for at once; a part of it is all that is ever read twice. */
const BLOCK_CHARACTERS = 1_024

/** A regular expression that is matched in linear time. */
export interface LinearRegex {
  /**
   * The matches, from left to right, without overlap; empty ones are left out. Yields `undefined` where a block had
   * none. Of a match longer than `maxCharacters`, pieces of that length.
   */
  matches(text: string, maxCharacters: number): Iterable<Range | undefined>
}

interface Range {
  readonly start: number
  readonly end: number
}

/**
 * Compiles a JavaScript regular expression for RE2, which has no backtracking.
 * @returns the expression, or what RE2 does not have (look-around, back-references, …)
 */
export function compileLinear(regex: RegExp): LinearRegex | { readonly problem: string } {
  if (regex.sticky) return { problem: 'the flag y' }
  try {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(regex.source), flagsOf(regex))
    return { matches: (text, maxCharacters) => matchesOf(compiled, text, maxCharacters) }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return { problem: error.message }
  }
}

function flagsOf({ ignoreCase, multiline, dotAll }: RegExp): number {
  return (
    (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
    (multiline ? RE2JS.MULTILINE : 0) |
    (dotAll ? RE2JS.DOTALL : 0)
  )
}

/**
 * To find every match of `a.*?c|a` in `aaaa…` takes the square of its length in any engine, since each match looks for
 * `c` to the end. So each match is looked for in a block and the longest match behind it, and no further.
 */
function* matchesOf(regex: RE2JS, text: string, maxCharacters: number): Generator<Range | undefined> {
  let from = 0
  while (from < text.length) {
    const blockEnd = Math.min(text.length, from + Math.max(BLOCK_CHARACTERS, maxCharacters))
    // A character on both sides, so that `\b`, `^` and `$` see where they are.
    const windowStart = Math.max(0, from - 1)
    const windowEnd = Math.min(text.length, blockEnd + maxCharacters + 1)
    const window = text.slice(windowStart, windowEnd)
    let at = from
    if (regex.test(window)) {
      const matcher = regex.matcher(window)
      while (at < blockEnd && matcher.find(at - windowStart)) {
        const start = windowStart + matcher.start()
        if (start >= blockEnd) break
        const endInWindow = windowStart + matcher.end()
        const isCut = endInWindow === windowEnd && windowEnd < text.length
        const end = isCut ? endOfLongMatch(regex, text, start, endInWindow) : endInWindow
        for (let piece = start; piece < end; piece += maxCharacters) {
          yield { start: piece, end: Math.min(end, piece + maxCharacters) }
        }
        at = Math.max(end, start + 1)
      }
    }
    yield undefined
    from = Math.max(blockEnd, at)
  }
}

/** Where a match that a window cut ends: looked for in windows that double, so in proportion to its length. */
function endOfLongMatch(regex: RE2JS, text: string, start: number, known: number): number {
  const windowStart = Math.max(0, start - 1)
  for (let length = 2 * (known - start); ; length *= 2) {
    const windowEnd = Math.min(text.length, start + length)
    const matcher = regex.matcher(text.slice(windowStart, windowEnd))
    if (!matcher.find(start - windowStart) || windowStart + matcher.start() !== start) return known
    const end = windowStart + matcher.end()
    if (end < windowEnd || windowEnd === text.length) return end
  }
}
