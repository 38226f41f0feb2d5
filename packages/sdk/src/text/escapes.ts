import { decodeHTMLStrict } from 'entities/decode'
import type { Cells } from './cells.ts'

/** The escape that a text ends in: how many characters it takes, and what it stands for. */
export interface Escape {
  readonly length: number
  readonly text: string
}

/** The longest name of an HTML entity with `&` and `;` is 33 characters; numbers are shorter when they mean anything. */
const MAX_ENTITY_CHARACTERS = 33

const AMPERSAND = 0x26
const NUMBER_SIGN = 0x23
const PERCENT = 0x25

/** The percent escape (`%41`, or all bytes of one UTF-8 character) that the characters end in. */
export function trailingPercentEscape(cells: Cells): Escape | undefined {
  const last = byteBefore(cells, cells.length)
  if (last < 0) return undefined
  if (last < 0x80) return { length: 3, text: String.fromCharCode(last) }
  const bytes = [last]
  while (bytes.length < 4 && (bytes[0] as number) < 0xc0) {
    const byte = byteBefore(cells, cells.length - 3 * bytes.length)
    if (byte < 0) return undefined
    bytes.unshift(byte)
  }
  const text = decodeCharacter(bytes)
  return text === undefined ? undefined : { length: 3 * bytes.length, text }
}

/** The HTML entity (`&amp;`, `&#65;`, `&#x41;`; with its semicolon) that the characters end in. */
export function trailingEntity(cells: Cells): Escape | undefined {
  const lowest = Math.max(0, cells.length - MAX_ENTITY_CHARACTERS)
  let source = ';'
  for (let at = cells.length - 2; at >= lowest; at -= 1) {
    const code = cells.codePoint(at)
    if (code === AMPERSAND) {
      source = `&${source}`
      const text = decodeHTMLStrict(source)
      return text === source ? undefined : { length: cells.length - at, text }
    }
    if (!isAlphanumeric(code) && code !== NUMBER_SIGN) return undefined
    source = String.fromCharCode(code) + source
  }
  return undefined
}

/** The value of `%HH` that ends before `end`, else -1. */
function byteBefore(cells: Cells, end: number): number {
  if (cells.codePoint(end - 3) !== PERCENT) return -1
  const high = hexDigit(cells.codePoint(end - 2))
  const low = hexDigit(cells.codePoint(end - 1))
  return high < 0 || low < 0 ? -1 : high * 16 + low
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return code < 128 && letter >= 97 && letter <= 102 ? letter - 87 : -1
}

function isAlphanumeric(code: number): boolean {
  const letter = code | 32
  return (code >= 48 && code <= 57) || (code < 128 && letter >= 97 && letter <= 122)
}

/** The character that bytes are the whole UTF-8 form of. */
function decodeCharacter(bytes: readonly number[]): string | undefined {
  const lead = bytes[0] as number
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (length !== bytes.length) return undefined
  let codePoint = lead & (0x7f >> length)
  for (const byte of bytes.slice(1)) codePoint = codePoint * 64 + (byte & 0x3f)
  const lowest = length === 2 ? 0x80 : length === 3 ? 0x800 : 0x10000
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff
  return codePoint < lowest || codePoint > 0x10ffff || isSurrogate
    ? undefined
    : String.fromCodePoint(codePoint)
}
