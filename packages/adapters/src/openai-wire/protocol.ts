import type { Decision } from '@parapet/sdk'
import type { Json } from './json-value.ts'
import type { Parts } from './parts.ts'
import type { AskedRequest } from './request-slots.ts'

/** What the guard says in place of an answer, or of the rest of it. */
export interface Filtered {
  readonly decision: Decision
  readonly message: string
  readonly ticket?: string
}

/** An event as it goes out: its name, where the API names its events, and its JSON, or the end mark of the stream. */
export interface WireEvent {
  readonly event?: string
  readonly data: Json | '[DONE]'
}

/** An answer between the provider and the caller: it reads what came, and writes what was released, in either form. */
export interface WireAnswer {
  /** Takes a whole answer. */
  takeWhole(body: Json): Promise<void>
  /** Takes the next event of a stream. Whatever follows the end is not read. */
  take(event: Json): Promise<void>
  /** The stream has ended: the answer ends too, if it came to its end. @throws PARAPET_ADAPTER_STREAM_ENDED */
  close(): Promise<void>
  /** The events that have become due, and are then forgotten. */
  drain(): WireEvent[]
  /** The released answer in one piece, once it is over. */
  body(): Json
}

/** One of OpenAI's two ways to ask a model. */
export interface Protocol {
  /**
   * Reads a request's body, which it owns from now on.
   * @throws PARAPET_ADAPTER_REQUEST_MALFORMED, PARAPET_ADAPTER_REQUEST_REFUSED, PARAPET_ADAPTER_PART_UNKNOWN
   */
  request(body: Json): AskedRequest
  /** Begins an answer. Without parts, it is the answer to a request that the provider never saw. */
  answer(asked: AskedRequest, parts: Parts): WireAnswer
  filtered(asked: AskedRequest, filtered: Filtered): Pick<WireAnswer, 'drain' | 'body'>
}

/** What a caller learns of a decision: its id, and the ticket of what was held. */
export function parapetMember({ decision, ticket }: Pick<Filtered, 'decision' | 'ticket'>): {
  parapet: Json
} {
  return { parapet: { decisionId: decision.id, ...(ticket === undefined ? {} : { ticket }) } }
}
