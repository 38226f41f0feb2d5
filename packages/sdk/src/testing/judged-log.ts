import type { Stage } from '../subject/stage.ts'

/** One text that a detector was shown. */
export interface JudgedEntry {
  readonly detector: string
  readonly stage: Stage
  /** As the detector read it: normalised. */
  readonly text: string
}

/** What detectors have been shown so far. */
export interface JudgedLog {
  readonly entries: readonly JudgedEntry[]
  add(entry: JudgedEntry): void
  /** The texts of one stage, oldest first. */
  texts(stage: Stage): readonly string[]
  /**
   * The characters of `released` that no detector has been shown at `stage`: empty where released ⊆ judged.
   * Says something only of texts whose characters all differ, such as those of `distinctText`.
   */
  unjudged(released: string, stage: Stage): string
}

/** A log that scripted detectors write to, so that a test can ask whether what was released had been judged. */
export function judgedLog(): JudgedLog {
  const entries: JudgedEntry[] = []
  const texts = (stage: Stage) => entries.filter((entry) => entry.stage === stage).map(({ text }) => text)
  return {
    entries,
    add: (entry) => void entries.push(entry),
    texts,
    unjudged(released, stage) {
      const seen = new Set(texts(stage).join(''))
      return [...released].filter((character) => !seen.has(character)).join('')
    },
  }
}

/** A text of `length` different letters that normalisation leaves as they are, at most 20,000. */
export function distinctText(length: number): string {
  return Array.from({ length }, (_, index) => String.fromCharCode(0x4e00 + index)).join('')
}
