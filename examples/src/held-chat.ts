/**
 * A chat whose held answer appears when a person releases it. The handlers take and give web requests: a Next.js app exports
 * them from `app/api/chat/route.ts` (`POST`), `app/api/held/route.ts` (`GET`) and `app/api/appeal/route.ts` (`POST`).
 */
import {
  createGuard,
  definePolicy,
  type Guard,
  isParapetError,
  memoryQueue,
  patterns,
  type ReviewQueue,
  when,
} from 'parapet'

/** How long a request for a held answer stays open; the page asks again. Below what proxies allow. */
const LONG_POLL_MS = 20_000

/** What the routes are made of. */
interface Chat {
  readonly guard: Guard
  readonly queue: ReviewQueue
  /** The provider: text in, text out. */
  readonly model: (prompt: string) => Promise<string>
  /** Who asks, by the app's session. Never by what the request says of itself. */
  readonly userOf: (request: Request) => string
}

const EXPECTED: Readonly<Record<string, number>> = {
  PARAPET_TICKET_UNKNOWN: 404,
  PARAPET_TICKET_EXPIRED: 410,
  PARAPET_QUEUE_APPEAL_REFUSED: 409,
  PARAPET_QUEUE_INVALID: 400,
  PARAPET_CONTEXT_INVALID: 400,
}

/** A status for what a page may run into; the rest is the app's to report. */
async function answering(work: () => Promise<unknown>): Promise<Response> {
  try {
    return Response.json(await work())
  } catch (error) {
    const status = isParapetError(error) ? EXPECTED[error.code] : undefined
    if (status === undefined) throw error
    return new Response(null, { status })
  }
}

export function chatRoutes({ guard, queue, model, userOf }: Chat) {
  return {
    /** Asks, and answers, or says that the answer is held. */
    chat: (request: Request) =>
      answering(async () => {
        const { prompt } = (await request.json()) as { prompt: string }
        const exchange = guard.exchange({
          messages: [{ role: 'user', content: prompt }],
          context: { subjectKey: userOf(request) },
          signal: request.signal,
        })
        const input = await exchange.input()
        if (input.kind !== 'released') return { state: input.kind, message: input.message }
        const text = await model(prompt)
        const outcome = await exchange.answer({ parts: [{ stage: 'output', text }] })
        const { kind, message, ticket } = outcome
        return kind === 'released'
          ? { state: 'answer', text: outcome.parts.join('') }
          : { state: kind, message, ticket }
      }),

    /** Waits for a held answer, for a while. */
    held: (request: Request) =>
      answering(async () => {
        const ticket = new URL(request.url).searchParams.get('ticket') ?? ''
        const context = { tenant: 'default', subjectKey: userOf(request) }
        // Whose ticket it is comes first: nobody may wait for another's.
        const first = await guard.resume(ticket, context)
        if (first.kind === 'pending')
          await queue.wait(first.item.id, { timeoutMs: LONG_POLL_MS, signal: request.signal })
        const resumed = first.kind === 'pending' ? await guard.resume(ticket, context) : first
        if (resumed.kind === 'answer')
          return {
            state: 'answer',
            text: resumed.answer.parts.map((part) => ('text' in part ? part.text : '')).join(''),
          }
        if (resumed.kind !== 'denied') return { state: 'held' }
        // The token goes to the one whose answer it was, and works once.
        const appeal = await queue.offerAppeal({ id: resumed.item.id }).catch(() => undefined)
        return { state: 'denied', message: resumed.message, appeal: appeal?.token }
      }),

    /** Asks for another look; the ticket stays the same. */
    appeal: (request: Request) =>
      answering(async () => {
        const { token, statement } = (await request.json()) as { token: string; statement: string }
        await queue.appeal({ token, statement })
        return { state: 'held' }
      }),
  }
}

const advice = patterns({
  id: 'advice',
  version: '1',
  patterns: [{ label: 'dose', regex: /\b\d+ tablets\b/i, maxCharacters: 20 }],
})
const policy = definePolicy({
  id: 'pharmacy',
  version: '1',
  output: {
    rules: [when(advice, 'dose').found().review({ mode: 'defer', withinMs: 3_600_000, otherwise: 'block' })],
    onError: 'block',
    onAbstain: 'block',
    budgetMs: 1_000,
  },
})
const queue = memoryQueue()
const guard = createGuard({ policy, queue, routes: [{ team: 'pharmacists', when: { labels: ['dose'] } }] })
const routes = chatRoutes({
  guard,
  queue,
  model: async () => 'Take 3 tablets a day.',
  userOf: (request) => request.headers.get('cookie') ?? 'nobody',
})
const at = (path: string, user: string, body?: object) =>
  new Request(`https://chat.example${path}`, {
    headers: { cookie: user },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
const read = async (response: Response) => (await response.json()) as Record<string, string>
const decide = async (
  reviewer: string,
  decision: { outcome: 'reject' } | { outcome: 'edit'; answer: string },
) => {
  const claim = await queue.claim({ reviewer, team: 'pharmacists' })
  if (claim) await queue.decide({ id: claim.item.id, token: claim.token, ...decision })
}

const asked = await read(await routes.chat(at('/api/chat', 'mia', { prompt: 'How many may I take?' })))
console.log(`mia reads: ${asked['message']}`)
const { ticket = '' } = asked
console.log(`another user gets: ${(await routes.held(at(`/api/held?ticket=${ticket}`, 'eve'))).status}`)

// The page waits while somebody looks at it.
const waiting = routes.held(at(`/api/held?ticket=${ticket}`, 'mia'))
await decide('ada', { outcome: 'reject' })
const denied = await read(await waiting)
console.log(`mia reads: ${denied['state']}, and may appeal`)

await routes.appeal(at('/api/appeal', 'mia', { token: denied['appeal'], statement: 'My doctor said three.' }))
const again = routes.held(at(`/api/held?ticket=${ticket}`, 'mia'))
await decide('bob', { outcome: 'edit', answer: 'As your doctor said: 3 tablets a day.' })
console.log(`mia reads: ${(await read(await again))['text']}`)

await guard.close()
await queue.close()
