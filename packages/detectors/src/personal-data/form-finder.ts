import type { Finder } from '../patterns/finder.ts'

export interface Form {
  readonly kind: string
  /** What candidates look like; bounded, and at most a word or two. */
  readonly form: RegExp
  readonly maxCharacters: number
  /** Whether a candidate is what it looks like. `before` is the text in front of it, at most 48 characters. */
  readonly isValid: (candidate: string, before: string) => boolean
  /** What `isValid` depends on besides its code, such as a table. */
  readonly source?: string
}

/** Enough for "my social security number is". */
const CONTEXT_CHARACTERS = 48

/** Finds what has a form and passes a check. A candidate that fails does not hide one that begins inside it. */
export function formFinder({ kind, form, maxCharacters, isValid, source = '' }: Form): Finder {
  const flags = form.flags.includes('g') ? form.flags : `${form.flags}g`
  return {
    labels: [kind],
    maxCharacters,
    source: `${kind} ${form} ${maxCharacters} ${isValid} ${source}`,
    *find(text) {
      const candidates = new RegExp(form.source, flags)
      for (let match = candidates.exec(text); match; match = candidates.exec(text)) {
        const start = match.index
        const before = text.slice(Math.max(0, start - CONTEXT_CHARACTERS), start)
        if (isValid(match[0], before)) yield { label: kind, start, end: start + match[0].length }
        else {
          candidates.lastIndex = start + 1
          yield undefined
        }
      }
    },
  }
}
