import type { AnswerWork, FirstTokenWork, ReadWork } from '../model/decoder-runner.ts'
import type { ModelFolder } from '../model/model-folder.ts'
import type { TokenReadWork } from '../model/read-tokens.ts'
import type { DecoderReading, Finished, FirstToken, InterventionCheck, TextDelta } from './decoder-model.ts'
import type { EncoderReading } from './encoder-model.ts'
import type { TokenRead } from './token-read.ts'

/**
 * A part of a model that is loaded by itself: an encoder, a decoder's graph for reading at blocks, for answering, for both,
 * or for either while it is intervened in; or nothing that stays, for the check of its interventions.
 */
export type LoadUse =
  | { readonly kind: 'encoder' }
  | { readonly kind: 'reading'; readonly blocks: readonly number[] }
  | { readonly kind: 'answering' }
  /** Reads and answers in one graph; prompts that were read are kept for their answers, of so many tokens in all. */
  | { readonly kind: 'sharing'; readonly keptTokens: number }
  | { readonly kind: 'intervening' }
  | { readonly kind: 'verifying' }

/** What a host is asked to load. `key` names it in later requests. */
export interface LoadSpecification {
  readonly key: string
  readonly folder: ModelFolder
  readonly use: LoadUse
  readonly threads: number
}

/** The work of a request, once its part is loaded. */
export type RequestWork =
  | {
      readonly kind: 'read-texts'
      readonly texts: readonly string[]
      readonly maxTokens?: number | undefined
    }
  | ({ readonly kind: 'read-sites' } & ReadWork)
  | ({ readonly kind: 'read-tokens' } & TokenReadWork)
  | ({ readonly kind: 'answer' } & AnswerWork)
  | ({ readonly kind: 'first-token' } & FirstTokenWork)
  | { readonly kind: 'verify-interventions' }

/** What a request's work comes to. */
export type RequestResult =
  | readonly EncoderReading[]
  | DecoderReading
  | Finished
  | TokenRead
  | FirstToken
  | InterventionCheck

/** What the app's process says to a host. */
export type ToHost =
  | { readonly type: 'load'; readonly id: number; readonly specification: LoadSpecification }
  | { readonly type: 'unload'; readonly key: string }
  | { readonly type: 'request'; readonly id: number; readonly key: string; readonly work: RequestWork }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'ping' }

/** An error that crosses the processes. Its cause is the runtime's own message, never a user's text. */
export interface WireError {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly cause?: string | undefined
}

/** What a host says. Everything it says is a sign of life. */
export type FromHost =
  | { readonly type: 'ready' }
  | { readonly type: 'alive'; readonly residentBytes: number }
  | { readonly type: 'loaded'; readonly id: number }
  /** The request's work begins: until then it can go to another host without having done anything. */
  | { readonly type: 'begun'; readonly id: number }
  | { readonly type: 'delta'; readonly id: number; readonly delta: TextDelta }
  | { readonly type: 'result'; readonly id: number; readonly result: RequestResult }
  | { readonly type: 'error'; readonly id: number; readonly error: WireError }
