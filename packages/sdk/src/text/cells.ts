import type { OffsetMap } from './offset-map.ts'

/** Numbers kept of each cell, side by side in one array. */
const STRIDE = 6
const CODE = 0
const START = 1
const END = 2
const MARKS = 3
const WORD = 4
const LOOKALIKE = 5

/** How many units are turned into a string at once: what fits into the arguments of a call. */
const SLICE = 8_192

/**
 * A stack of characters with their marks, each with its range in the original. Kept as numbers, since a hostile text
 * can put millions of characters between two spaces.
 */
export class Cells {
  length = 0
  #numbers = new Int32Array(64 * STRIDE)
  /** Texts of the cells that hold more than one code point; such a cell's code is minus its index here, minus one. */
  #clusters: string[] = []

  add(codePoint: number, start: number, end: number, word: number, lookalike: number): void {
    const at = this.length * STRIDE
    if (at === this.#numbers.length) this.#grow()
    const numbers = this.#numbers
    numbers[at + CODE] = codePoint
    numbers[at + START] = start
    numbers[at + END] = end
    numbers[at + MARKS] = 0
    numbers[at + WORD] = word
    numbers[at + LOOKALIKE] = lookalike
    this.length += 1
  }

  /** The cell's code point when it is a single one, else -1. */
  codePoint(cell: number): number {
    if (cell < 0) return -1
    return Math.max(-1, this.#numbers[cell * STRIDE + CODE] as number)
  }

  text(cell: number): string {
    const code = this.#numbers[cell * STRIDE + CODE] as number
    return code >= 0 ? String.fromCodePoint(code) : (this.#clusters[-code - 1] as string)
  }

  setText(cell: number, text: string): void {
    const at = cell * STRIDE + CODE
    const code = this.#numbers[at] as number
    const codePoint = text.codePointAt(0) as number
    if (text.length === (codePoint > 0xffff ? 2 : 1)) this.#numbers[at] = codePoint
    else if (code < 0) this.#clusters[-code - 1] = text
    else this.#numbers[at] = -this.#clusters.push(text)
  }

  start(cell: number): number {
    return this.#numbers[cell * STRIDE + START] as number
  }

  end(cell: number): number {
    return this.#numbers[cell * STRIDE + END] as number
  }

  stretch(cell: number, end: number): void {
    const at = cell * STRIDE + END
    if ((this.#numbers[at] as number) < end) this.#numbers[at] = end
  }

  /** Counts one more mark on the cell, and gives their number. */
  addMark(cell: number): number {
    const at = cell * STRIDE + MARKS
    const marks = (this.#numbers[at] as number) + 1
    this.#numbers[at] = marks
    return marks
  }

  word(cell: number): number {
    return this.#numbers[cell * STRIDE + WORD] as number
  }

  lookalike(cell: number): number {
    return this.#numbers[cell * STRIDE + LOOKALIKE] as number
  }

  cut(length: number): void {
    this.length = length
  }

  /** Writes all cells out but the last `kept`, which move down; a lookalike that was written out is forgotten. */
  writeTo(pieces: string[], map: OffsetMap, kept = 0): void {
    const written = Math.max(0, this.length - kept)
    let units: number[] = []
    for (let cell = 0; cell < written; cell += 1) {
      const code = this.#numbers[cell * STRIDE + CODE] as number
      const start = this.start(cell)
      const end = this.end(cell)
      let size = 1
      if (code >= 0 && code <= 0xffff) units.push(code)
      else {
        const text = this.text(cell)
        size = text.length
        for (let at = 0; at < size; at += 1) units.push(text.charCodeAt(at))
      }
      map.append(size, start, end, size === end - start)
      if (units.length >= SLICE) {
        pieces.push(String.fromCharCode(...units))
        units = []
      }
    }
    if (units.length > 0) pieces.push(String.fromCharCode(...units))
    this.#moveDown(written)
  }

  #moveDown(written: number): void {
    const clusters: string[] = []
    const numbers = this.#numbers
    numbers.copyWithin(0, written * STRIDE, this.length * STRIDE)
    this.length -= written
    for (let at = 0; at < this.length * STRIDE; at += STRIDE) {
      const code = numbers[at + CODE] as number
      if (code < 0) numbers[at + CODE] = -clusters.push(this.#clusters[-code - 1] as string)
      numbers[at + LOOKALIKE] = Math.max(-1, (numbers[at + LOOKALIKE] as number) - written)
    }
    this.#clusters = clusters
  }

  #grow(): void {
    const larger = new Int32Array(this.#numbers.length * 2)
    larger.set(this.#numbers)
    this.#numbers = larger
  }
}
