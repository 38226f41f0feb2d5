import { CodePointClass, classOf, compatibilityForm, latinLookalike } from './code-point-class.ts'
import { type Escape, trailingEntity, trailingPercentEscape } from './escapes.ts'
import { HiddenText } from './hidden-text.ts'
import type { OffsetMap } from './offset-map.ts'

/** More marks than that on one character are a flood, in every script. */
const MAX_MARKS = 8

/** What a word is made of, up to and with a character. */
const WORD = { inside: 1, latin: 2, otherThanLatin: 4 } as const

/**
 * Normalises a text character by character. Finished characters lie on a stack: an escape is replaced when its last
 * character arrives, a mark is composed with the character on top, and a word is folded when it ends, and what they
 * become is read again. So a text that was encoded many times is decoded at once, in linear time (each step takes
 * characters away or turns a letter to ASCII), and what comes out has nothing left to normalise.
 */
export class CharacterStack {
  readonly hidden = new HiddenText()
  readonly #pieces: string[]
  readonly #map: OffsetMap
  readonly #options: { readonly decodeEscapes: boolean; readonly foldLookalikes: boolean }
  /** One entry a character with its marks: text, range in the original, marks, and the state of its word. */
  #texts: string[] = []
  #starts: number[] = []
  #ends: number[] = []
  #marks: number[] = []
  #words: number[] = []
  /** Where the word's first letter that looks like a Latin one lies; -1 for none. */
  #lookalikes: number[] = []
  /** Code points to read before the next one of the original, the first on top: code point, start, end. */
  #pending: number[] = []
  /** Where invisible characters began that no character stands before. */
  #leadStart = -1

  constructor(
    pieces: string[],
    map: OffsetMap,
    options: { readonly decodeEscapes: boolean; readonly foldLookalikes: boolean },
  ) {
    this.#pieces = pieces
    this.#map = map
    this.#options = options
  }

  /** Reads `text` from `start` to `end`. */
  readRange(text: string, start: number, end: number): void {
    for (let at = start; at < end; ) {
      const codePoint = text.codePointAt(at) as number
      const next = at + (codePoint > 0xffff ? 2 : 1)
      this.read(codePoint, at, next)
      at = next
    }
  }

  /** Reads a code point that stands at a range of the original. */
  read(codePoint: number, start: number, end: number): void {
    this.#read(codePoint, start, end)
    this.#readPending()
  }

  /** Ends the word on top, and writes every character out. */
  flush(): void {
    while (this.#foldWord()) this.#readPending()
    this.#write(this.#texts.length)
  }

  #readPending(): void {
    while (this.#pending.length > 0) {
      const end = this.#pending.pop() as number
      const start = this.#pending.pop() as number
      this.#read(this.#pending.pop() as number, start, end)
    }
  }

  #read(codePoint: number, start: number, end: number): void {
    if (codePoint < 0x7f && codePoint >= 0x20) {
      this.hidden.readVisible(codePoint)
      this.#place(codePoint, classOf(codePoint), start, end)
      return
    }
    const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff
    const shown = isSurrogate ? 0xfffd : codePoint
    const kind = classOf(shown)
    if ((kind & CodePointClass.ignorable) !== 0) {
      this.hidden.read(shown, start, end)
      this.#stretch(start, end)
    } else {
      this.hidden.readVisible(shown)
      if ((kind & CodePointClass.unstable) === 0) this.#place(shown, kind, start, end)
      else this.#push(compatibilityForm(shown), start, end)
    }
  }

  /** Puts the code points of `text` where they are read next. */
  #push(text: string, start: number, end: number): void {
    const codePoints = Array.from(text, (character) => character.codePointAt(0) as number)
    for (const codePoint of codePoints.reverse()) this.#pending.push(codePoint, start, end)
  }

  #place(codePoint: number, kind: number, start: number, end: number): void {
    const { mark, composes, whitespace, latin, otherLetter, wordConnector } = CodePointClass
    const top = this.#texts.length - 1
    if ((kind & mark) !== 0 && top >= 0) {
      this.#placeMark(top, codePoint, start, end)
    } else if ((kind & composes) !== 0 && top >= 0 && this.#compose(top, codePoint, end)) {
      return
    } else if ((kind & (latin | otherLetter | wordConnector)) !== 0) {
      this.#placeInWord(codePoint, kind, start, end)
    } else if (this.#foldWord(codePoint, start, end)) {
      return
    } else {
      // Escapes and words end at whitespace: nothing before it can change any more.
      if ((kind & whitespace) !== 0) this.#write(this.#texts.length)
      this.#add(String.fromCodePoint(codePoint), start, end, 0, -1)
      if (codePoint === 0x3b && this.#options.decodeEscapes) this.#replace(trailingEntity(this.#texts))
    }
  }

  #placeInWord(codePoint: number, kind: number, start: number, end: number): void {
    const top = this.#texts.length - 1
    let word = top >= 0 ? (this.#words[top] as number) : 0
    let lookalike = word === 0 ? -1 : (this.#lookalikes[top] as number)
    word |= WORD.inside
    if ((kind & CodePointClass.latin) !== 0) word |= WORD.latin
    else if ((kind & CodePointClass.otherLetter) !== 0) {
      if (latinLookalike(codePoint) === undefined) word |= WORD.otherThanLatin
      else if (lookalike < 0) lookalike = top + 1
    }
    this.#add(String.fromCodePoint(codePoint), start, end, word, lookalike)
    if (this.#options.decodeEscapes && codePoint < 0x67 && this.#texts[top - 1] === '%') {
      this.#replace(trailingPercentEscape(this.#texts))
    }
  }

  #placeMark(top: number, codePoint: number, start: number, end: number): void {
    const marks = this.#marks[top] as number
    if (marks < MAX_MARKS) {
      this.#marks[top] = marks + 1
      this.#texts[top] = (this.#texts[top] + String.fromCodePoint(codePoint)).normalize('NFC')
    }
    this.#stretch(start, end)
  }

  #compose(top: number, codePoint: number, end: number): boolean {
    const before = this.#texts[top] as string
    const character = String.fromCodePoint(codePoint)
    const composed = (before + character).normalize('NFC')
    if (composed.length >= before.length + character.length) return false
    this.#texts[top] = composed
    this.#ends[top] = Math.max(this.#ends[top] as number, end)
    return true
  }

  #stretch(start: number, end: number): void {
    const top = this.#texts.length - 1
    if (top >= 0) this.#ends[top] = Math.max(this.#ends[top] as number, end)
    else if (this.#leadStart < 0) this.#leadStart = start
  }

  #add(text: string, start: number, end: number, word: number, lookalike: number): void {
    this.#texts.push(text)
    this.#starts.push(this.#leadStart < 0 ? start : Math.min(this.#leadStart, start))
    this.#ends.push(end)
    this.#marks.push(0)
    this.#words.push(word)
    this.#lookalikes.push(lookalike)
    this.#leadStart = -1
  }

  /** Takes an escape off the stack, and reads what it stands for in its place. */
  #replace(found: Escape | undefined): void {
    if (found === undefined) return
    const from = this.#texts.length - found.length
    const start = this.#starts[from] as number
    const end = this.#ends[this.#ends.length - 1] as number
    this.#cut(from)
    this.#push(found.text, start, end)
  }

  /**
   * Folds the lookalikes of the word on top, when Latin letters and nothing but lookalikes of them make it up.
   * Then the word's rest, and the code point behind it, wait to be read again. False when there is nothing to fold.
   */
  #foldWord(codePoint = -1, start = 0, end = 0): boolean {
    const top = this.#texts.length - 1
    if (top < 0 || !this.#options.foldLookalikes) return false
    const from = this.#lookalikes[top] as number
    if (from < 0 || (this.#words[top] as number) !== (WORD.inside | WORD.latin)) return false
    if (codePoint >= 0) this.#pending.push(codePoint, start, end)
    for (let at = top; at >= from; at -= 1) {
      const text = this.#texts[at] as string
      const first = text.codePointAt(0) as number
      const letter = latinLookalike(first)
      const folded = letter === undefined ? text : letter + text.slice(first > 0xffff ? 2 : 1)
      this.#push(folded, this.#starts[at] as number, this.#ends[at] as number)
    }
    this.#cut(from)
    return true
  }

  #cut(length: number): void {
    this.#texts.length = length
    this.#starts.length = length
    this.#ends.length = length
    this.#marks.length = length
    this.#words.length = length
    this.#lookalikes.length = length
  }

  #write(length: number): void {
    if (length === 0) return
    for (let at = 0; at < length; at += 1) {
      const size = (this.#texts[at] as string).length
      const start = this.#starts[at] as number
      const end = this.#ends[at] as number
      this.#map.append(size, start, end, size === end - start)
    }
    this.#pieces.push(this.#texts.join(''))
    this.#cut(0)
  }
}
