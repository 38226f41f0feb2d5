import { type Guard, isParapetError, type ReviewQueue } from 'parapet'
import { readJson } from './read-json.ts'

/** How long a request for a held answer stays open; the page asks again. Below what proxies and platforms allow. */
const LONG_POLL_MS = 20_000
const MOST_BODY_BYTES = 64 * 1024

/** What the handlers are made of. */
interface Chat {
  readonly guard: Guard
  readonly queue: ReviewQueue
  /** The provider: text in, text out. */
  readonly answer: (prompt: string) => Promise<string>
  /** @default 20_000 */
  readonly longPollMs?: number
}

/** A handler: `user` is who asks, by the app's session, never by what the request says of itself. */
export type ChatHandler = (request: Request, user: string) => Promise<Response>

const STATUS: Readonly<Record<string, number>> = {
  PARAPET_TICKET_UNKNOWN: 404,
  PARAPET_TICKET_EXPIRED: 410,
  PARAPET_QUEUE_APPEAL_REFUSED: 409,
  PARAPET_QUEUE_INVALID: 400,
  PARAPET_CONTEXT_INVALID: 400,
}

/** A status for what a page may run into; the rest is the app's to report. */
async function answering(work: () => Promise<object | undefined>): Promise<Response> {
  try {
    const body = await work()
    return body ? Response.json(body) : new Response(null, { status: 400 })
  } catch (error) {
    const status = isParapetError(error) ? STATUS[error.code] : undefined
    if (status === undefined) throw error
    return new Response(null, { status })
  }
}

/** The handlers of a chat whose held answers appear when a person releases them: web requests in, web responses out. */
export function chatRoutes({ guard, queue, answer, longPollMs = LONG_POLL_MS }: Chat) {
  /** Asks, and answers, or says that the answer is held. */
  const chat: ChatHandler = (request, user) =>
    answering(async () => {
      const { prompt, requestId } = await readJson(request, MOST_BODY_BYTES)
      if (typeof prompt !== 'string' || typeof requestId !== 'string') return undefined
      const exchange = guard.exchange({
        messages: [{ role: 'user', content: prompt }],
        // A page that asks again, because it never heard the answer, finds its review and opens no second one.
        context: { subjectKey: user, requestId: `${user}:${requestId}` },
        signal: request.signal,
      })
      const input = await exchange.input()
      if (input.kind !== 'released') return { state: input.kind, message: input.message }
      const text = await answer(prompt)
      const outcome = await exchange.answer({ parts: [{ stage: 'output', text }] })
      const { kind, message, ticket } = outcome
      return kind === 'released'
        ? { state: 'answer', text: outcome.parts.join('') }
        : { state: kind, message, ticket }
    })

  /** Waits for a held answer, for a while. */
  const held: ChatHandler = (request, user) =>
    answering(async () => {
      const ticket = new URL(request.url).searchParams.get('ticket') ?? ''
      const context = { tenant: 'default', subjectKey: user }
      // Whose ticket it is comes first: nobody may wait for another's.
      const first = await guard.resume(ticket, context)
      if (first.kind === 'pending')
        await queue.wait(first.item.id, { timeoutMs: longPollMs, signal: request.signal })
      const resumed = first.kind === 'pending' ? await guard.resume(ticket, context) : first
      if (resumed.kind === 'answer')
        return {
          state: 'answer',
          text: resumed.answer.parts.map((part) => ('text' in part ? part.text : '')).join(''),
        }
      if (resumed.kind !== 'denied') return { state: 'held' }
      // Against an appeal there is none, nobody can look again at what is gone, and what a reviewer wrote was not denied by one.
      const { state, appeals, erasedAt } = resumed.item
      const mayAppeal = state !== 'approved' && appeals === undefined && erasedAt === undefined
      return { state: 'denied', message: resumed.message, mayAppeal }
    })

  /** Asks for another look; the ticket stays the same. */
  const appeal: ChatHandler = (request, user) =>
    answering(async () => {
      const { ticket, statement } = await readJson(request, MOST_BODY_BYTES)
      if (typeof ticket !== 'string' || typeof statement !== 'string') return undefined
      const { kind, item } = await guard.resume(ticket, { tenant: 'default', subjectKey: user })
      // A page that asks again, because it never heard the answer, finds its appeal.
      if (kind === 'pending') return { state: 'held' }
      // Here, since each offer takes the place of the one before: what only looks makes none.
      const { token } = await queue.offerAppeal({ id: item.id, tenant: 'default' })
      await queue.appeal({ token, statement })
      return { state: 'held' }
    })

  return { chat, held, appeal }
}
