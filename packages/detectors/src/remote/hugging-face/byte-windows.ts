/** How much of a window may be given up so that it ends between two words. */
const SEARCHED_SHARE = 4

/**
 * Cuts a text into overlapping windows by its UTF-8 bytes: a token is a byte at least, so a window has no more tokens
 * than bytes, whatever the tokenizer. Every character is in a window; no code point is cut; a window ends between two
 * words where it can. Linear in the text.
 * @param windowBytes bytes of a window at most, 16 or more
 * @param overlapBytes bytes that a window shares with the one before at most, up to half a window
 */
export function byteWindows(text: string, windowBytes: number, overlapBytes: number): string[] {
  const windows: string[] = []
  for (let start = 0; ; ) {
    const end = endOf(text, start, windowBytes)
    windows.push(text.slice(start, end))
    if (end >= text.length) return windows
    start = backFrom(text, end, overlapBytes)
  }
}

function endOf(text: string, start: number, windowBytes: number): number {
  let bytes = 0
  let end = start
  let between = start
  while (end < text.length) {
    const { length, size } = codePointAt(text, end)
    if (bytes + size > windowBytes) {
      return between > start ? between : end
    }
    bytes += size
    end += length
    const late = bytes * SEARCHED_SHARE >= windowBytes * (SEARCHED_SHARE - 1)
    if (late && /\s/.test(text.charAt(end - 1))) between = end
  }
  return end
}

function backFrom(text: string, end: number, overlapBytes: number): number {
  let bytes = 0
  let start = end
  while (start > 0) {
    const low = isLow(text.charCodeAt(start - 1)) && isHigh(text.charCodeAt(start - 2))
    const { length, size } = codePointAt(text, start - (low ? 2 : 1))
    if (bytes + size > overlapBytes) break
    bytes += size
    start -= length
  }
  return start
}

const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00
const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000

/** Length in UTF-16 units and in UTF-8 bytes; a lone surrogate is sent as U+FFFD, three bytes. */
function codePointAt(text: string, index: number): { readonly length: number; readonly size: number } {
  const unit = text.charCodeAt(index)
  if (unit < 0x80) return { length: 1, size: 1 }
  if (unit < 0x800) return { length: 1, size: 2 }
  if (isHigh(unit) && isLow(text.charCodeAt(index + 1))) return { length: 2, size: 4 }
  return { length: 1, size: 3 }
}
