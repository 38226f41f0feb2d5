import { applyEdits } from '../decision/apply-edits.ts'
import type { Edit } from '../decision/decision.ts'
import type { Window } from './windows.ts'

/**
 * The text of one part while it is released in windows. Keeps only what a later window or release can still need,
 * so that memory and time do not grow with the answer.
 */
export class PartBuffer {
  #text = ''
  #base = 0
  #released = 0
  #edits: Edit[] = []

  append(delta: string): void {
    this.#text += delta
  }

  /** The text of a window that has not been dropped. */
  read({ start, end }: Pick<Window, 'start' | 'end'>): string {
    return this.#text.slice(start - this.#base, end - this.#base)
  }

  /** Keeps edits, whose offsets count in the whole part. */
  edit(edits: readonly Edit[]): void {
    this.#edits.push(...edits)
  }

  /** The text up to `to` that was not released yet, edits applied. */
  release(to: number): string {
    const shifted = this.#edits.map((edit) => ({
      ...edit,
      start: edit.start - this.#base,
      end: edit.end - this.#base,
    }))
    const text = applyEdits(this.#text, shifted, this.#released - this.#base, to - this.#base)
    this.#released = to
    this.#edits = this.#edits.filter((edit) => edit.end > to)
    return text
  }

  /** Forgets the text before `start`, which no later window reads. */
  drop(start: number): void {
    const keep = Math.min(start, this.#released)
    this.#text = this.#text.slice(keep - this.#base)
    this.#base = keep
  }
}
