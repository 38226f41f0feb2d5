import { decodeHTMLStrict } from 'entities/decode'

/** The escape that a text ends in: how many characters it takes, and what it stands for. */
export interface Escape {
  readonly length: number
  readonly text: string
}

/** The longest name of an HTML entity with `&` and `;` is 33 characters; numbers are shorter when they mean anything. */
const MAX_ENTITY_CHARACTERS = 33

/**
 * The percent escape (`%41`, or all bytes of one UTF-8 character) that `characters` ends in.
 * @param characters one character an entry; only the last dozen is looked at
 */
export function trailingPercentEscape(characters: readonly string[]): Escape | undefined {
  const last = byteBefore(characters, characters.length)
  if (last === undefined) return undefined
  if (last < 0x80) return { length: 3, text: String.fromCharCode(last) }
  const bytes = [last]
  while (bytes.length < 4 && (bytes[0] as number) < 0xc0) {
    const byte = byteBefore(characters, characters.length - 3 * bytes.length)
    if (byte === undefined) return undefined
    bytes.unshift(byte)
  }
  const text = decodeCharacter(bytes)
  return text === undefined ? undefined : { length: 3 * bytes.length, text }
}

/** The HTML entity (`&amp;`, `&#65;`, `&#x41;`; with its semicolon) that `characters` ends in. */
export function trailingEntity(characters: readonly string[]): Escape | undefined {
  const lowest = Math.max(0, characters.length - MAX_ENTITY_CHARACTERS)
  for (let at = characters.length - 2; at >= lowest; at -= 1) {
    const character = characters[at] as string
    if (character === '&') {
      const source = characters.slice(at).join('')
      const text = decodeHTMLStrict(source)
      return text === source ? undefined : { length: characters.length - at, text }
    }
    if (!/^[0-9A-Za-z#]$/.test(character)) return undefined
  }
  return undefined
}

/** The value of `%HH` that ends before `end`. */
function byteBefore(characters: readonly string[], end: number): number | undefined {
  if (end < 3 || characters[end - 3] !== '%') return undefined
  const high = hexDigit(characters[end - 2] as string)
  const low = hexDigit(characters[end - 1] as string)
  return high < 0 || low < 0 ? undefined : high * 16 + low
}

function hexDigit(character: string): number {
  if (character.length !== 1) return -1
  const code = character.charCodeAt(0)
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
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
