import { defined, knownHeaders } from '../answer/known-forms.ts'
import { ANSWER_HEADERS } from './call-headers.ts'
import type { Filtered, WireAnswer, WireEvent } from './protocol.ts'

const encoder = new TextEncoder()

/** An event as bytes. JSON has no line breaks of its own, so one line holds it. */
export function eventBytes({ event, data }: WireEvent): Uint8Array {
  const name = event === undefined ? '' : `event: ${event}\n`
  return encoder.encode(`${name}data: ${data === '[DONE]' ? data : JSON.stringify(data)}\n\n`)
}

/** The headers of an answer: those of the provider that name a request or count, and the decision's. */
function headersOf(
  provider: Response | undefined,
  type: string,
  decided?: Pick<Filtered, 'decision' | 'ticket'>,
): Headers {
  const decision = decided
    ? defined({ [ANSWER_HEADERS.decisionId]: decided.decision.id, [ANSWER_HEADERS.ticket]: decided.ticket })
    : {}
  const headers = new Headers(provider ? knownHeaders(Object.fromEntries(provider.headers)) : {})
  for (const [name, value] of Object.entries(decision)) headers.set(name, value as string)
  headers.set('content-type', type)
  return headers
}

/** A whole answer. */
export function wholeResponse(
  answer: Pick<WireAnswer, 'body'>,
  provider: Response | undefined,
  decided: Pick<Filtered, 'decision' | 'ticket'>,
): Response {
  return new Response(JSON.stringify(answer.body()), {
    status: 200,
    headers: headersOf(provider, 'application/json', decided),
  })
}

/** A streamed answer. Its decision is known before it begins only when there is nothing to stream. */
export function streamResponse(
  body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
  provider: Response | undefined,
  decided?: Pick<Filtered, 'decision' | 'ticket'>,
): Response {
  const headers = headersOf(provider, 'text/event-stream; charset=utf-8', decided)
  headers.set('cache-control', 'no-cache')
  return new Response(body, { status: 200, headers })
}
