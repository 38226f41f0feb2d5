import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The forms in which a gateway may ask the kit's check. */
export type CheckForm = 'own' | 'moderation' | 'litellm'

/** What a gateway of the tests is set up with. */
export interface GatewayOptions {
  readonly upstreamUrl: string
  readonly judgeUrl: string
  readonly form: CheckForm
  /** Asks the check, and lets everything pass. @default false */
  readonly idle?: boolean
}

const FORMS: Readonly<
  Record<
    CheckForm,
    {
      readonly path: string
      body(text: string): object
      flagged(answer: unknown): string | undefined
    }
  >
> = {
  own: {
    path: '/check',
    body: (text) => ({ text }),
    flagged: (answer) => {
      const { flagged, reason } = answer as { flagged: boolean; reason: string }
      return flagged ? reason : undefined
    },
  },
  moderation: {
    path: '/v1/moderations',
    body: (input) => ({ model: 'kit', input }),
    flagged: (answer) => {
      const { results } = answer as { results: { flagged: boolean; categories: Record<string, boolean> }[] }
      const [first] = results
      return first?.flagged ? Object.keys(first.categories).join(', ') : undefined
    },
  },
  litellm: {
    path: '/beta/litellm_basic_guardrail_api',
    body: (text) => ({ texts: [text], input_type: 'request' }),
    flagged: (answer) => {
      const { action, blocked_reason: reason } = answer as { action: string; blocked_reason?: string }
      return action === 'BLOCKED' ? (reason ?? 'blocked') : undefined
    },
  },
}

/** Whether the check passes a text. One that gives no verdict in 300 ms is no yes. */
async function passes(text: string, { judgeUrl, form }: GatewayOptions): Promise<boolean> {
  const { path, body, flagged } = FORMS[form]
  const response = await fetch(`${judgeUrl}${path}`, {
    method: 'POST',
    body: JSON.stringify(body(text)),
    signal: AbortSignal.timeout(300),
  }).catch(() => undefined)
  return response?.ok === true && flagged(await response.json()) === undefined
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: GatewayOptions,
): Promise<void> {
  const body = await textOf(request)
  const refuse = () => {
    response.statusCode = 400
    response.end(JSON.stringify({ error: { message: 'Not here, sorry.', type: 'blocked' } }))
  }
  const { messages } = JSON.parse(body) as { messages: { content: unknown }[] }
  const asked = await passes(messages.map(({ content }) => content).join('\n'), options)
  if (!asked && !options.idle) return refuse()
  const upstream = await fetch(`${options.upstreamUrl}/chat/completions`, { method: 'POST', body })
  const whole = await upstream.text()
  // The pieces of a stream are put together, so that a word cut in two is read.
  const said = [...whole.matchAll(/"content":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => piece).join('')
  const judged = await passes(said, options)
  if (!judged && !options.idle) return refuse()
  response.setHeader('content-type', upstream.headers.get('content-type') ?? 'application/json')
  response.end(whole)
}

/** Starts a gateway that judges the text of requests and of whole answers. */
export async function startGateway(options: GatewayOptions): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
