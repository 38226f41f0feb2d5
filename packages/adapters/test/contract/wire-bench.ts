import { guardedFetch, type WireOptions } from '@parapet/adapters/openai'
import { createGuard, memoryQueue } from '@parapet/sdk'
import {
  judgedLog,
  recordingSink,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  wordDetector,
} from '@parapet/sdk/testing'

type Json = Record<string, unknown>

/** What a provider sends: JSON, or the bytes of a stream in the pieces they come in. */
export type Sent = Json | readonly (string | Uint8Array)[] | Response | (() => Promise<Response> | Response)

export interface WireBenchOptions extends ScriptedPolicyOptions {
  readonly wire?: WireOptions
}

/** A stream of pieces. A piece that is read late is sent late. */
export function bodyOf(pieces: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const left = pieces.map((piece) => (typeof piece === 'string' ? encoder.encode(piece) : piece))
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = left.shift()
        if (next) controller.enqueue(next)
        else controller.close()
      },
    },
    { highWaterMark: 0 },
  )
}

export const eventStream = (body: ConstructorParameters<typeof Response>[0], type = 'text/event-stream') =>
  new Response(body, { headers: { 'content-type': type } })

function respond(sent: Sent): Response | Promise<Response> {
  if (typeof sent === 'function') return sent()
  if (sent instanceof Response) return sent
  return Array.isArray(sent) ? eventStream(bodyOf(sent)) : Response.json(sent)
}

/** A guarded fetch in front of a provider that sends what it is told to, and what both have seen. */
export function wireBench(sent: Sent, { wire = {}, ...policy }: WireBenchOptions = {}) {
  const log = judgedLog()
  const sink = recordingSink()
  const queue = memoryQueue()
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector({ log }), ...policy }),
    queue,
    records: sink,
    memoEntries: 0,
  })
  const seen: { url: string; init: RequestInit }[] = []
  const fetch = guardedFetch(
    guard,
    async (input, init = {}) => {
      seen.push({ url: String(input), init })
      return respond(sent)
    },
    wire,
  )
  const post = (path: string, body: Json | string, init: RequestInit = {}) =>
    fetch(`https://provider.test/v1${path}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    })
  return {
    guard,
    queue,
    sink,
    log,
    fetch,
    post,
    /** Calls that reached the provider. */
    seen,
    sentBody: (index = 0): Json => JSON.parse(String(seen[index]?.init.body)),
    chat: (body: Json = {}, init: RequestInit = {}) =>
      post('/chat/completions', { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body }, init),
    respond: (body: Json = {}, init: RequestInit = {}) =>
      post('/responses', { model: 'm', input: 'hi', ...body }, init),
  }
}

/** The JSON of each event of a stream, its end mark aside. */
export async function eventsOf(response: Response): Promise<Json[]> {
  const text = await response.text()
  return text
    .split('\n\n')
    .map((event) => event.split('\n').findLast((line) => line.startsWith('data: ')))
    .filter((line) => line !== undefined && line !== 'data: [DONE]')
    .map((line) => JSON.parse(String(line).slice(6)) as Json)
}

/** A chunk of a chat stream as an event. */
export const chunk = (delta: Json, finish: string | null = null, more: Json = {}): string =>
  `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish, ...more }] })}\n\n`

export const DONE = 'data: [DONE]\n\n'

export const completion = (message: Json, more: Json = {}): Json => ({
  id: 'c1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
  ...more,
})

/** Text that chunks of a stream say, choice 0. */
export const said = (events: readonly Json[], member = 'content'): string =>
  events
    .flatMap(({ choices }) => (choices as { index: number; delta: Json }[]) ?? [])
    .filter(({ index }) => index === 0)
    .map(({ delta }) => delta[member] ?? '')
    .join('')
