/**
 * What an answer is. `degenerate`: broken text, no language. `off-topic`: language, but not about the request. Only
 * what is none of these and no refusal has `complied`.
 */
export const JUDGEMENT_KINDS = ['refused', 'complied', 'degenerate', 'off-topic'] as const

export type JudgementKind = (typeof JUDGEMENT_KINDS)[number]

/** What is said of one answer. */
export interface Judgement {
  readonly kind: JudgementKind
  /** Why, in a word or two of ours: never a word of the answer. */
  readonly because: string
  /** The score `refused` of the encoder, [0, 1]; absent where it was not asked or did not read the answer. */
  readonly refused?: number
}

/** A request and its answer, as they were written. */
export interface Exchange {
  readonly request: string
  readonly answer: string
}
