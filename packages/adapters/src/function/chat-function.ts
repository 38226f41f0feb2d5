import type { MessageInput, RequestContext } from '@parapet/sdk'

/**
 * A provider of one's own: answers a conversation with a text, whole or piece by piece. A stream that breaks off must
 * throw: one that ends is taken for whole. `signal` aborts when nobody waits for the answer any more.
 */
export type ChatFunction = (
  messages: readonly MessageInput[],
  options: { readonly signal: AbortSignal },
) => string | AsyncIterable<string> | PromiseLike<string | AsyncIterable<string>>

/** What one call says of itself. */
export interface FunctionCallOptions {
  readonly context?: RequestContext
  /** The ticket of a held request that was approved. */
  readonly grant?: string
  /** The answer is JSON: it is judged whole, by its decoded leaves, and stays JSON. @default false */
  readonly json?: boolean
  readonly signal?: AbortSignal
}

/** How an answer ended. `message` is the text for end users, who may see it and the decision's id, and not the ticket. */
export type FunctionEnd =
  /** `decisionId` is missing only in shadow mode, after a fault of the guard's own work. */
  | { readonly kind: 'released'; readonly decisionId?: string }
  | { readonly kind: 'blocked'; readonly decisionId: string; readonly message: string }
  /** Not decided while the call waited: `guard.resume(ticket)` later. */
  | { readonly kind: 'held'; readonly decisionId: string; readonly message: string; readonly ticket: string }

/** A whole answer: its end, and the text that was released, which is a part of it when it was blocked or held. */
export type FunctionAnswer = FunctionEnd & { readonly text: string }

/** What a stream gives: released text, piece by piece, and then how it ended. */
export type FunctionEvent = { readonly kind: 'text'; readonly text: string } | FunctionEnd

/** A guarded function. */
export interface GuardedFunction {
  /**
   * Asks, and waits for the whole answer.
   * @throws PARAPET_ADAPTER_OPTIONS, PARAPET_ADAPTER_PROVIDER_FAILED, PARAPET_ADAPTER_PART_UNKNOWN and the guard's errors
   */
  (messages: readonly MessageInput[], options?: FunctionCallOptions): Promise<FunctionAnswer>
  /** Asks, and gives text as it is released. Begins when it is first read; leaving the loop aborts the function. */
  stream(
    messages: readonly MessageInput[],
    options?: FunctionCallOptions,
  ): AsyncIterableIterator<FunctionEvent>
}
