import { CharacterStack } from './character-stack.ts'
import { OffsetMap, type TextRange } from './offset-map.ts'

/** What may be left out of the normalisation. */
export interface NormalizeOptions {
  /** Decodes percent escapes and HTML entities. @default true */
  readonly decodeEscapes?: boolean
  /** Folds letters of other scripts that look like Latin ones, inside words that Latin letters are in. @default true */
  readonly foldLookalikes?: boolean
}

export const DEFAULT_NORMALIZE_OPTIONS = {
  decodeEscapes: true,
  foldLookalikes: true,
} as const satisfies Required<NormalizeOptions>

/** A text as detectors read it, and the way back to the text as it was written. */
export interface NormalizedText {
  readonly text: string
  /**
   * The range of the original that a range of `text` came from: whole characters, and the invisible ones between
   * and behind them. UTF-16 units, `end` exclusive; what lies outside `text` is cut to it. Never empty, unless the
   * range is.
   */
  toOriginal(start: number, end: number): TextRange
}

/** Plain ASCII, without anything that could be an escape. */
const PLAIN = /^[\t-\r -$'-~]*$/
const NOT_PLAIN_ASCII = /[^\t-\r -~]/
const MAYBE_ESCAPE = /%[0-9a-f]{2}|&[#0-9a-z]/i
const MAYBE_INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cs}\ufff9-\ufffb]|[^\P{Cc}\t-\r\u0085]/u
const MAYBE_FLOOD = /\p{M}{8}/u
/** Letters of the scripts that hold lookalikes of Latin letters, and of some that do not. */
const MAYBE_LOOKALIKE =
  /(?![\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Thai}\p{Script=Devanagari}])\p{L}/u

/**
 * Makes a text plain for detectors, in linear time: NFKC; invisible characters and floods of combining marks out;
 * percent escapes and HTML entities decoded; letters that imitate Latin ones folded; lone surrogates as U+FFFD.
 * Text that was hidden in tags or variation selectors is put behind the rest, on a line of its own.
 * Whitespace stays as it is. Normalising the result again changes nothing.
 */
export function normalizeText(text: string, options: NormalizeOptions = {}): NormalizedText {
  const resolved = { ...DEFAULT_NORMALIZE_OPTIONS, ...options }
  if (PLAIN.test(text) || isQuiet(text, resolved)) return unchanged(text)
  const map = new OffsetMap()
  const pieces: string[] = []
  const stack = new CharacterStack(pieces, map, resolved)
  const keep = (start: number, end: number): void => {
    stack.hidden.endRuns()
    pieces.push(text.slice(start, end))
    map.append(end - start, start, end, true)
  }
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start)
    const lineEnd = newline < 0 ? text.length : newline + 1
    if (isQuiet(text.slice(start, lineEnd), resolved)) keep(start, lineEnd)
    else {
      for (let wordStart = start; wordStart < lineEnd; ) {
        const wordEnd = endOfWord(text, wordStart, lineEnd)
        if (isQuiet(text.slice(wordStart, wordEnd), resolved)) keep(wordStart, wordEnd)
        else {
          stack.readRange(text, wordStart, wordEnd)
          stack.flush()
        }
        wordStart = wordEnd
      }
    }
    start = lineEnd
  }
  stack.hidden.endRuns()
  appendHidden(stack, pieces, map, resolved)
  const normalized = pieces.join('')
  return {
    text: normalized,
    toOriginal: (start, end) => rangeInOriginal(text, normalized.length, map, start, end),
  }
}

/** Where the word at `start` and the whitespace behind it end: no escape, word or character goes on beyond. */
function endOfWord(text: string, start: number, limit: number): number {
  let at = start
  while (at < limit && !isBlank(text.charCodeAt(at))) at += 1
  while (at < limit && isBlank(text.charCodeAt(at))) at += 1
  return at
}

function isBlank(unit: number): boolean {
  return unit === 0x20 || unit === 0x09
}

/** Whether a stretch of text (one that ends where a word does) is normal already. */
function isQuiet(text: string, options: Required<NormalizeOptions>): boolean {
  if (options.decodeEscapes && MAYBE_ESCAPE.test(text)) return false
  if (!NOT_PLAIN_ASCII.test(text)) return true
  if (MAYBE_INVISIBLE.test(text) || MAYBE_FLOOD.test(text)) return false
  if (options.foldLookalikes && /\p{Script=Latin}/u.test(text) && MAYBE_LOOKALIKE.test(text)) return false
  return text.normalize('NFKC') === text
}

function appendHidden(
  stack: CharacterStack,
  pieces: string[],
  map: OffsetMap,
  options: Required<NormalizeOptions>,
): void {
  const first = stack.hidden.characters[0]
  if (first === undefined) return
  map.beginHidden()
  const tail = new CharacterStack(pieces, map, options)
  if (pieces.length > 0) tail.read(0x0a, first.start, first.end)
  for (const { codePoint, start, end } of stack.hidden.characters) tail.read(codePoint, start, end)
  tail.flush()
}

function unchanged(text: string): NormalizedText {
  return {
    text,
    toOriginal: (start, end) => wholeCharacters(text, clamp(start, text.length), clamp(end, text.length)),
  }
}

function rangeInOriginal(text: string, length: number, map: OffsetMap, from: number, to: number): TextRange {
  const start = clamp(from, length)
  const end = clamp(to, length)
  if (start >= end) {
    const at = start >= length ? text.length : map.toOriginal(start, start + 1).start
    return { start: at, end: at }
  }
  const range = map.toOriginal(start, end)
  // Invisible characters that nothing visible stands before or behind belong to the whole.
  const isWhole = start === 0 && end === length
  return wholeCharacters(text, isWhole ? 0 : range.start, isWhole ? text.length : range.end)
}

function clamp(offset: number, length: number): number {
  return Math.min(Math.max(offset, 0), length)
}

/** Widens a range whose ends part a surrogate pair. */
function wholeCharacters(text: string, start: number, end: number): TextRange {
  return {
    start: isInsidePair(text, start) ? start - 1 : start,
    end: isInsidePair(text, end) ? end + 1 : end,
  }
}

function isInsidePair(text: string, at: number): boolean {
  const low = text.charCodeAt(at)
  const high = text.charCodeAt(at - 1)
  return low >= 0xdc00 && low <= 0xdfff && high >= 0xd800 && high <= 0xdbff
}
