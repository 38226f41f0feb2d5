import type { Message } from './message.ts'
import type { Stage } from './stage.ts'

/** Who a request is for. Kept with what is stored about it, so that tenants stay apart and a person can be erased. */
export interface RequestContext {
  /** Keeps stored data of tenants apart. @default 'default' */
  readonly tenant?: string
  /** Whose data this is, for erasure: an id of your own, never a name or an address. */
  readonly subjectKey?: string
  /** Your id for the request: retries with the same id find the same review instead of opening another. */
  readonly requestId?: string
  /** BCP 47 tag: chooses the message for end users. */
  readonly locale?: string
}

/** What a detector measures: a text, where it stands, and the conversation before it. */
export interface Subject {
  readonly stage: Stage
  /** Normalised text (`text/normalize`), never empty. Spans are offsets into it: UTF-16 units, end exclusive. */
  readonly text: string
  /** What came before, oldest first, cut to the descriptor's `contextCharacters`. Empty for detectors that read the text alone. */
  readonly conversation: readonly Message[]
  /** The language of the text as detected (ISO 639-1), or undefined where it could not be told. */
  readonly language: string | undefined
}
