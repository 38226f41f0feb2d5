import type { UpstreamLog, UpstreamScript } from '@parapet/sdk/testing'
import { getResponse, HttpResponse, http } from 'msw'

/** How one of OpenAI's APIs says what a script says. */
export interface WireDialect {
  readonly path: string
  /** The whole answer. */
  whole(script: UpstreamScript): unknown
  /** The events of a stream, without its end where the script has none. */
  events(script: UpstreamScript): Iterable<string>
  /** All text of a request, as the provider would read it. */
  prompt(body: never): string
}

/** An OpenAI-compatible provider that answers as a script says, at a host of its own. */
export interface ScriptedProvider {
  readonly baseURL: string
  /** The caller's own fetch: it sees when the guard lets go of the call. */
  readonly fetch: typeof globalThis.fetch
  readonly upstream: UpstreamLog
}

interface Live {
  readonly dialect: WireDialect
  readonly script: UpstreamScript
  readonly prompts: string[]
  aborted: boolean
  delivered: number
}

const live = new Map<string, Live>()
let hosts = 0

export const every7 = (text: string) => text.match(/[\s\S]{1,7}/g) ?? []

/** An error that repeats the answer, as errors about malformed answers do. */
const broken = ({ parts }: UpstreamScript) => ({
  error: { message: `cannot read: ${JSON.stringify(parts)}`, type: 'server_error', code: 'broken' },
  failed_generation: JSON.stringify(parts),
})

/** What stands in headers beside an answer, and may repeat it. */
const sideHeaders = ({ sideText }: UpstreamScript): Record<string, string> =>
  sideText === undefined ? {} : { 'x-note': sideText, 'x-request-id': `req ${sideText}` }

function streamed(provider: Live): ReadableStream<Uint8Array> {
  const { dialect, script } = provider
  const encoder = new TextEncoder()
  const events = dialect.events(script)[Symbol.iterator]()
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { value, done } = events.next()
        if (!done) {
          provider.delivered++
          return controller.enqueue(encoder.encode(value))
        }
        if (script.end === 'stall') return new Promise<void>(() => {})
        if (script.end === 'error')
          controller.enqueue(encoder.encode(`data: ${JSON.stringify(broken(script))}\n\n`))
        controller.close()
        return undefined
      },
      cancel() {
        provider.aborted = true
      },
    },
    { highWaterMark: 0 },
  )
}

async function answer(request: Request): Promise<Response> {
  const { host } = new URL(request.url)
  const provider = live.get(host)
  if (!provider) return new Response(null, { status: 404 })
  const { dialect, script } = provider
  const body = (await request.json()) as { stream?: boolean }
  provider.prompts.push(dialect.prompt(body as never))
  const headers = sideHeaders(script)
  if (body.stream)
    return new HttpResponse(streamed(provider), {
      headers: { ...headers, 'content-type': 'text/event-stream' },
    })
  if (script.end === 'error') return HttpResponse.json(broken(script), { status: 400, headers })
  if (script.end === 'stall') return new Promise(() => {})
  return HttpResponse.json(dialect.whole(script) as never, { headers })
}

const handlers = [
  http.post('https://*.provider.test/v1/chat/completions', ({ request }) => answer(request)),
  http.post('https://*.provider.test/v1/responses', ({ request }) => answer(request)),
]

/** Asks the handlers without a network between: its buffers and its pace are no part of the contract. */
async function askHandlers(request: Request): Promise<Response> {
  const response = await getResponse(handlers, request)
  return response ?? new Response(null, { status: 404 })
}

export function scriptedProvider(dialect: WireDialect, script: UpstreamScript): ScriptedProvider {
  const host = `p${hosts++}.provider.test`
  const provider: Live = { dialect, script, prompts: [], aborted: false, delivered: 0 }
  live.set(host, provider)
  return {
    baseURL: `https://${host}/v1`,
    fetch(input, init) {
      init?.signal?.addEventListener('abort', () => {
        provider.aborted = true
      })
      return askHandlers(new Request(input, init))
    },
    upstream: {
      get prompts() {
        return provider.prompts
      },
      get aborted() {
        return provider.aborted
      },
      get delivered() {
        return provider.delivered
      },
    },
  }
}

/** What a caller can print of an error. */
export function printed(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? ''
  return `${error.name}: ${error.message} ${JSON.stringify(error)} ${error.cause === undefined ? '' : printed(error.cause)}`
}
