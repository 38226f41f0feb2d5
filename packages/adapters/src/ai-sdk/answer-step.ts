import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'

/** A text beside the content of an unstreamed answer: what structured output is parsed from. */
export interface StructuredTextPart {
  readonly type: 'structured-text'
  readonly text: string
}

export type TakenPart = LanguageModelV4StreamPart | StructuredTextPart

/** What the caller may get, and whether the answer is over. */
export interface AnswerStep {
  readonly parts: readonly TakenPart[]
  readonly over?: 'done' | 'filtered'
}

/** A step that has nothing for the caller. */
export const NOTHING: AnswerStep = { parts: [] }
