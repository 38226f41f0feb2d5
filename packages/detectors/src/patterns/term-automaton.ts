/** A state: where its units lead, the state of its longest proper suffix, and what ends here. */
interface State {
  readonly next: Map<number, number>
  fallback: number
  /** Lengths of the terms that end here, the longest first. */
  ends: number[]
}

/**
 * Finds all occurrences of many terms in one pass (Aho and Corasick 1975): time in proportion to the text and to what
 * is found, whatever the number of terms.
 */
export class TermAutomaton {
  readonly #states: State[] = [{ next: new Map(), fallback: 0, ends: [] }]
  readonly #ignoresCase: boolean

  constructor(terms: readonly string[], options: { readonly ignoreCase: boolean }) {
    this.#ignoresCase = options.ignoreCase
    for (const term of terms) this.#add(term)
    this.#link()
  }

  /** Yields every occurrence, overlapping ones as well, in the order of their ends; `undefined` every 4,096 units. */
  *find(text: string): Generator<{ readonly start: number; readonly end: number } | undefined> {
    let state = 0
    for (let at = 0; at < text.length; at += 1) {
      state = this.#step(state, this.#fold(text.charCodeAt(at)))
      for (const length of (this.#states[state] as State).ends) yield { start: at + 1 - length, end: at + 1 }
      if (at % 4_096 === 4_095) yield undefined
    }
  }

  #step(from: number, unit: number): number {
    let state = from
    while (state !== 0 && !this.#states[state]?.next.has(unit)) state = this.#states[state]?.fallback ?? 0
    return this.#states[state]?.next.get(unit) ?? 0
  }

  /** Folds a unit at a time, so that offsets stay: `İ` and `ß` have no folding of one unit and stay themselves. */
  #fold(unit: number): number {
    if (!this.#ignoresCase) return unit
    if (unit < 0x80) return unit >= 65 && unit <= 90 ? unit + 32 : unit
    const folded = String.fromCharCode(unit).toLowerCase()
    return folded.length === 1 ? folded.charCodeAt(0) : unit
  }

  #add(term: string): void {
    let state = 0
    for (let at = 0; at < term.length; at += 1) {
      const unit = this.#fold(term.charCodeAt(at))
      const next = (this.#states[state] as State).next
      let target = next.get(unit)
      if (target === undefined) {
        target = this.#states.push({ next: new Map(), fallback: 0, ends: [] }) - 1
        next.set(unit, target)
      }
      state = target
    }
    const { ends } = this.#states[state] as State
    if (!ends.includes(term.length)) ends.push(term.length)
  }

  #link(): void {
    const queue = [...(this.#states[0] as State).next.values()]
    for (const current of queue) {
      const state = this.#states[current] as State
      for (const [unit, target] of state.next) {
        const child = this.#states[target] as State
        child.fallback = this.#step(state.fallback, unit)
        child.ends = [...child.ends, ...(this.#states[child.fallback] as State).ends]
        queue.push(target)
      }
    }
  }
}
