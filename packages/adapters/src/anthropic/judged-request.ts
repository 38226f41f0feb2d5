import type { Exchange, Guard, Message, Passage } from '@parapet/sdk'
import type { RequestFor } from '../answer/request-context.ts'
import { adapterError } from '../errors/codes.ts'
import { jsonObject } from '../wire/json-object.ts'
import { type RequestFacts, requestFacts } from './request-facts.ts'
import { requestMessages } from './request-messages.ts'

/** A request that was judged. It outlives the attempts that the client makes with it. */
export interface JudgedRequest {
  readonly facts: RequestFacts
  readonly passage: Passage<readonly Message[]>
  readonly exchange: Exchange
  /** What the provider is called with: edited, and without what is Parapet's own. */
  readonly body: string
  /** Ties the guard's work to an attempt from here on: it is given up when the attempt is. Returns how to untie it. */
  follow(attempt: AbortSignal): () => void
}

/** Members of a request that bring in what the guard has not seen, or that make answers which it cannot read. */
const REFUSED = {
  thread: 'Send the whole conversation in messages.',
  compaction: 'Shorten the conversation yourself.',
} as const

/** The body of a request. @throws PARAPET_ADAPTER_REQUEST_MALFORMED, PARAPET_ADAPTER_REQUEST_REFUSED */
export function requestBody(text: unknown): Record<string, unknown> {
  const body = typeof text === 'string' ? jsonObject(text) : undefined
  if (!body) throw adapterError('PARAPET_ADAPTER_REQUEST_MALFORMED', { issue: 'its body is no JSON object' })
  for (const [member, instead] of Object.entries(REFUSED))
    if (body[member] !== undefined && body[member] !== null)
      throw adapterError('PARAPET_ADAPTER_REQUEST_REFUSED', { feature: `"${member}"`, instead })
  return body as Record<string, unknown>
}

/** Judges a request. @throws PARAPET_ADAPTER_REQUEST_REFUSED, PARAPET_ADAPTER_PART_UNKNOWN and the guard's errors */
export async function judgeRequest(
  guard: Guard,
  text: unknown,
  { context, grant }: RequestFor,
  attempt: AbortSignal,
): Promise<JudgedRequest> {
  const body = requestBody(text)
  const request = requestMessages(body)
  const controller = new AbortController()
  const follow = (signal: AbortSignal) => {
    const abort = () => controller.abort(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    return () => signal.removeEventListener('abort', abort)
  }
  const exchange = guard.exchange({
    messages: request.messages,
    context,
    signal: controller.signal,
    ...(grant === undefined ? {} : { grant }),
  })
  const untie = follow(attempt)
  const passage = await exchange.input()
  untie()
  const edited = passage.kind === 'released' && request.apply(passage.content)
  return {
    facts: requestFacts(body),
    passage,
    exchange,
    body: edited || request.changed ? JSON.stringify(body) : String(text),
    follow,
  }
}
