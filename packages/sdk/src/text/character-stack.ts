import { Cells } from './cells.ts'
import { CodePointClass, classOf, compatibilityForm, latinLookalike } from './code-point-class.ts'
import { type Escape, trailingEntity, trailingPercentEscape } from './escapes.ts'
import { HiddenText } from './hidden-text.ts'
import type { OffsetMap } from './offset-map.ts'

/** More marks than that on one character are a flood, in every script. */
const MAX_MARKS = 8

/** A word with that many characters is written out before it ends: escapes nested deeper are left as they are. */
const MAX_CELLS = 65_536
const KEPT_CELLS = 1_024

const PERCENT = 0x25
const SEMICOLON = 0x3b

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
  readonly #cells = new Cells()
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
    this.#cells.writeTo(this.#pieces, this.#map)
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
    for (let at = text.length - 1; at >= 0; at -= 1) {
      const unit = text.charCodeAt(at)
      const isLow = unit >= 0xdc00 && unit <= 0xdfff && at > 0
      if (isLow) at -= 1
      this.#pending.push(isLow ? (text.codePointAt(at) as number) : unit, start, end)
    }
  }

  #place(codePoint: number, kind: number, start: number, end: number): void {
    const { mark, composes, whitespace, latin, otherLetter, wordConnector } = CodePointClass
    const top = this.#cells.length - 1
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
      if ((kind & whitespace) !== 0) this.#cells.writeTo(this.#pieces, this.#map)
      this.#add(codePoint, start, end, 0, -1)
      if (codePoint === SEMICOLON && this.#options.decodeEscapes) this.#replace(trailingEntity(this.#cells))
    }
  }

  #placeInWord(codePoint: number, kind: number, start: number, end: number): void {
    const top = this.#cells.length - 1
    let word = top >= 0 ? this.#cells.word(top) : 0
    let lookalike = word === 0 ? -1 : this.#cells.lookalike(top)
    word |= WORD.inside
    if ((kind & CodePointClass.latin) !== 0) word |= WORD.latin
    else if ((kind & CodePointClass.otherLetter) !== 0) {
      if (latinLookalike(codePoint) === undefined) word |= WORD.otherThanLatin
      else if (lookalike < 0) lookalike = top + 1
    }
    this.#add(codePoint, start, end, word, lookalike)
    if (this.#options.decodeEscapes && codePoint < 0x67 && this.#cells.codePoint(top - 1) === PERCENT) {
      this.#replace(trailingPercentEscape(this.#cells))
    }
  }

  #placeMark(top: number, codePoint: number, start: number, end: number): void {
    if (this.#cells.addMark(top) <= MAX_MARKS) {
      const text = this.#cells.text(top) + String.fromCodePoint(codePoint)
      this.#cells.setText(top, text.normalize('NFC'))
    }
    this.#stretch(start, end)
  }

  #compose(top: number, codePoint: number, end: number): boolean {
    const before = this.#cells.text(top)
    const character = String.fromCodePoint(codePoint)
    const composed = (before + character).normalize('NFC')
    if (composed.length >= before.length + character.length) return false
    this.#cells.setText(top, composed)
    this.#cells.stretch(top, end)
    return true
  }

  #stretch(start: number, end: number): void {
    const top = this.#cells.length - 1
    if (top >= 0) this.#cells.stretch(top, end)
    else if (this.#leadStart < 0) this.#leadStart = start
  }

  #add(codePoint: number, start: number, end: number, word: number, lookalike: number): void {
    if (this.#cells.length >= MAX_CELLS && lookalike < 0) {
      this.#cells.writeTo(this.#pieces, this.#map, KEPT_CELLS)
    }
    const from = this.#leadStart < 0 ? start : Math.min(this.#leadStart, start)
    this.#cells.add(codePoint, from, end, word, lookalike)
    this.#leadStart = -1
  }

  /** Takes an escape off the stack, and reads what it stands for in its place. */
  #replace(found: Escape | undefined): void {
    if (found === undefined) return
    const from = this.#cells.length - found.length
    const start = this.#cells.start(from)
    const end = this.#cells.end(this.#cells.length - 1)
    this.#cells.cut(from)
    this.#push(found.text, start, end)
  }

  /**
   * Folds the lookalikes of the word on top, when Latin letters and nothing but lookalikes of them make it up.
   * Then the word's rest, and the code point behind it, wait to be read again. False when there is nothing to fold.
   */
  #foldWord(codePoint = -1, start = 0, end = 0): boolean {
    const top = this.#cells.length - 1
    if (top < 0 || !this.#options.foldLookalikes) return false
    const from = this.#cells.lookalike(top)
    if (from < 0 || this.#cells.word(top) !== (WORD.inside | WORD.latin)) return false
    if (codePoint >= 0) this.#pending.push(codePoint, start, end)
    for (let at = top; at >= from; at -= 1) {
      const text = this.#cells.text(at)
      const first = text.codePointAt(0) as number
      const letter = latinLookalike(first)
      const folded = letter === undefined ? text : letter + text.slice(first > 0xffff ? 2 : 1)
      this.#push(folded, this.#cells.start(at), this.#cells.end(at))
    }
    this.#cells.cut(from)
    return true
  }
}
