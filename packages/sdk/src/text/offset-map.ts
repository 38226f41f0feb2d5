/** A stretch of a text: UTF-16 units, `end` exclusive. */
export interface TextRange {
  readonly start: number
  readonly end: number
}

/**
 * Which part of the original each part of a normalised text came from. Segments follow one another in the
 * normalised text; each is `exact` (unit by unit the same length) or a cluster, which is mapped as a whole.
 */
export class OffsetMap {
  #size = 0
  /** Per segment: start in the normalised text, start and end in the original, 1 when exact. */
  #fields = new Int32Array(64)
  #outputLength = 0
  #hiddenFrom = Number.POSITIVE_INFINITY

  /** Adds a segment behind the last one. */
  append(outputLength: number, start: number, end: number, exact: boolean): void {
    if (outputLength === 0) return
    const last = (this.#size - 1) * 4
    const isNewPart = this.#size === this.#hiddenFrom
    if (
      exact &&
      !isNewPart &&
      last >= 0 &&
      this.#fields[last + 3] === 1 &&
      this.#fields[last + 2] === start
    ) {
      this.#fields[last + 2] = end
    } else {
      if ((this.#size + 1) * 4 > this.#fields.length) this.#grow()
      const at = this.#size * 4
      this.#fields[at] = this.#outputLength
      this.#fields[at + 1] = start
      this.#fields[at + 2] = end
      this.#fields[at + 3] = exact ? 1 : 0
      this.#size += 1
    }
    this.#outputLength += outputLength
  }

  /** What is appended from now on stood, hidden, between what was appended before. */
  beginHidden(): void {
    this.#hiddenFrom = this.#size
  }

  /** The range of the original that the (non-empty) range of the normalised text came from: whole clusters. */
  toOriginal(start: number, end: number): TextRange {
    const first = this.#segmentAt(start)
    const last = this.#segmentAt(end - 1)
    const range = { start: this.#startOf(first, start), end: this.#endOf(last, end) }
    if (first >= this.#hiddenFrom || last < this.#hiddenFrom) return range
    // Half of the range stands behind the text, though it came from between: take all of both halves.
    const hiddenStart = this.#fields[this.#hiddenFrom * 4 + 1] as number
    const visibleEnd = this.#fields[this.#hiddenFrom * 4 - 2] as number
    return { start: Math.min(range.start, hiddenStart), end: Math.max(range.end, visibleEnd) }
  }

  #startOf(segment: number, offset: number): number {
    const at = segment * 4
    const start = this.#fields[at + 1] as number
    return this.#fields[at + 3] === 1 ? start + offset - (this.#fields[at] as number) : start
  }

  #endOf(segment: number, offset: number): number {
    const at = segment * 4
    if (this.#fields[at + 3] !== 1) return this.#fields[at + 2] as number
    return (this.#fields[at + 1] as number) + offset - (this.#fields[at] as number)
  }

  #segmentAt(offset: number): number {
    let low = 0
    let high = this.#size - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((this.#fields[middle * 4] as number) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  #grow(): void {
    const larger = new Int32Array(this.#fields.length * 2)
    larger.set(this.#fields)
    this.#fields = larger
  }
}
