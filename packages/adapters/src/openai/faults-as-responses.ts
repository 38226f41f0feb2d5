import { wireError, wireErrorResponse } from '../openai-wire/wire-error.ts'
import type { Fetch } from '../openai-wire/wire-request.ts'

/**
 * The client tries again when fetch throws, whatever it throws: a fault of the guard would ask, and pay, the provider
 * once more. So the fault leaves fetch as a response that says not to, and is found again by that response's headers.
 */
export interface FaultsAsResponses {
  readonly fetch: Fetch
  /** The fault behind the headers of a response. */
  faultOf(headers: unknown): unknown
}

const UNKNOWN = {
  status: 500,
  body: { error: { message: '', type: 'parapet_error', param: null, code: null } },
}

/** @param guarded makes the guarded fetch out of the caller's own */
export function faultsAsResponses(own: Fetch, guarded: (own: Fetch) => Fetch): FaultsAsResponses {
  const faults = new WeakMap<object, unknown>()
  /** What the network threw: the client knows best what to do about that. */
  const network = new WeakSet<object>()
  const watched: Fetch = async (input, init) => {
    try {
      return await own(input, init)
    } catch (error) {
      if (typeof error === 'object' && error !== null) network.add(error)
      throw error
    }
  }
  const fetch = guarded(watched)
  return {
    async fetch(input, init) {
      try {
        return await fetch(input, init)
      } catch (error) {
        if (init?.signal?.aborted || (typeof error === 'object' && error !== null && network.has(error)))
          throw error
        const response = wireErrorResponse(wireError(error) ?? UNKNOWN)
        faults.set(response.headers, error)
        return response
      }
    },
    faultOf: (headers) => (typeof headers === 'object' && headers !== null ? faults.get(headers) : undefined),
  }
}
