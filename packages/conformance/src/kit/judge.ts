import { setTimeout } from 'node:timers/promises'
import { REASONS, WORDS } from './words.ts'

/** What the kit's check says of a text. */
export interface JudgeVerdict {
  readonly flagged: boolean
  /** In [0, 1]. */
  readonly score: number
  readonly rule: string
  readonly reason: string
}

/** A text that the check was shown. */
export interface JudgedText {
  readonly text: string
  /** Whether the check has given its verdict. */
  readonly answered: boolean
}

/** The check that a guard is set up with. It flags `WORDS.block`, crashes and hangs where a text says so, and logs. */
export interface Judge {
  /** As a function. Rejects where the text says so; gives up when `signal` is aborted. */
  check(text: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<JudgeVerdict>
  /** As an endpoint, for guards that only take those: see `judgeRoutes`. */
  readonly url: string
  readonly texts: readonly JudgedText[]
  /** The characters of `text` that no check had been shown; with `answered`, on which none had given its verdict. */
  missing(text: string, options?: { readonly answered?: boolean }): string
  /** Forgets every text. */
  reset(): void
}

/** A check takes a moment, so that who does not wait for it is seen. */
const DELAY_MS = 1

/** Makes the check of a bench whose endpoints are at `url`. */
export function createJudge(url: string): Judge {
  let texts: { text: string; answered: boolean }[] = []
  let shown = new Set<string>()
  let answered = new Set<string>()

  return {
    url,
    get texts() {
      return texts
    },
    async check(text, { signal } = {}) {
      const entry = { text, answered: false }
      // What is checked when a run is over belongs to that run.
      const judged = answered
      texts.push(entry)
      for (const character of text) shown.add(character)
      if (text.includes(WORDS.fail)) throw new Error('the check crashed, as the script says')
      await setTimeout(text.includes(WORDS.hang) ? 2 ** 30 : DELAY_MS, undefined, {
        ...(signal ? { signal } : {}),
        ref: false,
      })
      entry.answered = true
      for (const character of text) judged.add(character)
      const flagged = text.includes(WORDS.block)
      return { flagged, score: flagged ? REASONS.score : 0, rule: REASONS.rule, reason: REASONS.reason }
    },
    missing(text, options = {}) {
      const seen = options.answered ? answered : shown
      return [...text].filter((character) => !seen.has(character)).join('')
    },
    reset() {
      texts = []
      shown = new Set()
      answered = new Set()
    },
  }
}
