import type { ReadSite } from '../graph/site.ts'
import type { TokenReading } from '../model/token-reading.ts'
import type { ChatMessage } from '../text/chat-message.ts'
import type { RequestOptions } from './reading.ts'

/** A request to read a text token by token. */
export interface TokenReadRequest extends RequestOptions {
  /** A conversation that ends with a user's turn, rendered with the model's own chat template. */
  readonly messages: readonly ChatMessage[]
  /** Where rows of the prompt are read; positions are the prompt's, with or without an answer. */
  readonly sites: readonly ReadSite[]
  /** What is read at each token: of the last user message's text, or of `answer` where it is given. One or more. */
  readonly readings: readonly TokenReading[]
  /**
   * What the assistant has answered so far, as plain text. What was read of it before is not read again: an answer
   * that grows costs its new tokens, and at most 15 more for each request.
   * @default none: the last user message is read
   */
  readonly answer?: string
  /** What is longer, prompt and answer together, is `too-long`. @default the manifest's `contextTokens` */
  readonly maxTokens?: number
}

export interface TokenRead {
  readonly kind: 'read'
  /** Tokens of prompt and answer, the template's included. */
  readonly tokens: number
  /** How many of them had been read before, and were not read again. */
  readonly reusedTokens: number
  /** One row for each site: float32[hidden]. */
  readonly rows: readonly Float32Array[]
  /** For each reading a number for each token of the text that is read. */
  readonly readings: readonly Float32Array[]
}
