/*
 * The core of `/openai` and of `parapet serve`: an OpenAI-compatible exchange, guarded at the level of fetch. It knows no
 * client; whoever calls it has a `fetch` of its own and a guard.
 *
 *   const fetch = guardedFetch(guard, globalThis.fetch, { faults: 'answer', context: (headers) => … })
 *   return fetch('https://upstream/v1/chat/completions', { method: 'POST', headers, body, signal })
 *
 * - `POST …/chat/completions` and `POST …/responses` are judged, streamed or not, under any base URL (`Request` or URL
 *   and init). Routes that give no text pass; all others are refused (`route.ts`).
 * - The answer is a `Response` made anew. Unstreamed it has `x-parapet-decision-id`, and `x-parapet-ticket` where it was
 *   held; streamed or not, its body (last chunks, last event) has `parapet: { decisionId, ticket? }`.
 * - With `faults: 'throw'` typed errors reject the call, and error the body of a stream. With `faults: 'answer'` they are
 *   OpenAI's error bodies, in a stream an error event; errors that are not Parapet's (the network, an abort) reject still.
 * - A caller that goes away: abort `init.signal`, or cancel the body. The provider's call is aborted then, and what was
 *   judged is recorded.
 */
import type { Guard } from '@parapet/sdk'
import { contextOfHeaders } from './call-headers.ts'
import { enforcedExchange } from './enforced-exchange.ts'
import { resolveWireOptions, type WireOptions } from './options.ts'
import { shadowExchange } from './shadow-exchange.ts'
import { wireError, wireErrorResponse } from './wire-error.ts'
import { type Fetch, wireRequest } from './wire-request.ts'

/**
 * Guards a fetch: what it brings back of a model has been judged, and what it sends to one too.
 * @throws PARAPET_ADAPTER_OPTIONS; calls reject with the guard's errors, the provider's network errors, and
 * PARAPET_ADAPTER_ROUTE_REFUSED, PARAPET_ADAPTER_REQUEST_REFUSED, PARAPET_ADAPTER_REQUEST_MALFORMED,
 * PARAPET_ADAPTER_PART_UNKNOWN, PARAPET_ADAPTER_CONTEXT_INVALID, PARAPET_ADAPTER_ANSWER_MALFORMED,
 * PARAPET_ADAPTER_STREAM_ENDED, PARAPET_ADAPTER_PROVIDER_FAILED, PARAPET_ADAPTER_PROVIDER_STALLED,
 * PARAPET_ADAPTER_TOO_LARGE
 */
export function guardedFetch(guard: Guard, fetch: Fetch, options: WireOptions = {}): Fetch {
  const resolved = resolveWireOptions('guardedFetch', options, contextOfHeaders)
  const exchange = guard.policy.document.mode === 'shadow' ? shadowExchange : enforcedExchange
  return async (input, init) => {
    try {
      return await exchange({ guard, fetch, options: resolved }, wireRequest(input, init))
    } catch (error) {
      const fault = resolved.faults === 'answer' ? wireError(error) : undefined
      if (!fault) throw error
      return wireErrorResponse(fault)
    }
  }
}
