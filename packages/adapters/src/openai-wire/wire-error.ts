import { isParapetError } from '@parapet/sdk'
import type { Json } from './json-value.ts'

/** The status that OpenAI's clients understand for a fault of the guard. Nothing else is told but its code and message. */
const STATUS: Readonly<Record<string, number>> = {
  PARAPET_ADAPTER_CONTEXT_INVALID: 400,
  PARAPET_ADAPTER_REQUEST_MALFORMED: 400,
  PARAPET_ADAPTER_REQUEST_REFUSED: 400,
  PARAPET_ADAPTER_ROUTE_REFUSED: 404,
  PARAPET_GRANT_REFUSED: 403,
  PARAPET_ADAPTER_PROVIDER_FAILED: 502,
  PARAPET_ADAPTER_ANSWER_MALFORMED: 502,
  PARAPET_ADAPTER_STREAM_ENDED: 502,
  PARAPET_ADAPTER_PROVIDER_STALLED: 504,
}

/** A fault of the guard as OpenAI's API would say it. */
export interface WireError {
  readonly status: number
  readonly body: { readonly error: Json }
}

/** A fault as an error of OpenAI's API; undefined for errors that are not Parapet's, which nobody outside is shown. */
export function wireError(error: unknown): WireError | undefined {
  if (!isParapetError(error)) return undefined
  const { code, message } = error
  const status = STATUS[code] ?? 500
  return { status, body: { error: { message, type: 'parapet_error', param: null, code } } }
}

/** A fault as an answer. The client must not try again by itself: the guard, or the provider, would do all of it anew. */
export function wireErrorResponse({ status, body }: WireError): Response {
  return Response.json(body, { status, headers: { 'x-should-retry': 'false' } })
}
