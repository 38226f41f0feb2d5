import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { CallRequest } from '../kit/target.ts'

/** A piece of a provider's answer, streamed or not. */
export interface ChatDelta {
  readonly choice: number
  readonly text?: string
  readonly reasoning?: string
  /** A piece of a tool call's arguments. */
  readonly toolCall?: string
  /** Why this choice ended. */
  readonly finish?: string
  /** The event or body that it came in, printed. */
  readonly event: string
}

/** What the endpoint answered when it did not answer the request. */
export class ChatRefused extends Error {
  readonly status: number
  readonly body: string

  constructor(status: number, body: string) {
    super(`the endpoint answered with status ${status}`)
    this.status = status
    this.body = body
  }
}

const NOTE_TOOL = {
  type: 'function',
  function: {
    name: 'note',
    description: 'Takes a note.',
    parameters: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  },
}

/** The messages of a request, as OpenAI's chat route takes them. */
export function chatMessages({ prompt, toolResult }: CallRequest): object[] {
  const user = { role: 'user', content: prompt }
  if (toolResult === undefined) return [user]
  const call = { id: 'call_kit0', type: 'function', function: { name: 'note', arguments: '{"text":"x"}' } }
  return [
    user,
    { role: 'assistant', content: null, tool_calls: [call] },
    { role: 'tool', tool_call_id: 'call_kit0', content: toolResult },
  ]
}

/** A request as the body of OpenAI's chat route. */
export function chatBody(request: CallRequest, stream: boolean): object {
  const { tools = false, json = false, choices = 1 } = request
  return {
    model: 'kit',
    messages: chatMessages(request),
    stream,
    ...(tools ? { tools: [NOTE_TOOL] } : {}),
    ...(json ? { response_format: { type: 'json_object' } } : {}),
    ...(choices > 1 ? { n: choices } : {}),
  }
}

interface WireChoice {
  readonly index?: number
  readonly delta?: WireMessage
  readonly message?: WireMessage
  readonly finish_reason?: string | null
}

interface WireMessage {
  readonly content?: string | null
  readonly refusal?: string | null
  readonly reasoning_content?: string | null
  readonly tool_calls?: readonly { readonly function?: { readonly arguments?: string } }[]
}

/** What a body or an event of the chat route holds. */
export function deltasIn(event: string): ChatDelta[] {
  const { choices = [] } = JSON.parse(event) as { readonly choices?: readonly WireChoice[] }
  return choices.map(({ index = 0, delta, message, finish_reason: finish }) => {
    const { content, refusal, reasoning_content: reasoning, tool_calls: calls } = delta ?? message ?? {}
    const toolCall = calls?.map((call) => call.function?.arguments ?? '').join('')
    return {
      choice: index,
      ...(content ? { text: content } : refusal ? { text: refusal } : {}),
      ...(reasoning ? { reasoning } : {}),
      ...(toolCall ? { toolCall } : {}),
      ...(finish ? { finish } : {}),
      event,
    }
  })
}

async function* streamed(body: AsyncIterable<Uint8Array>): AsyncGenerator<ChatDelta> {
  const events: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (event) => void events.push(event) })
  const decoder = new TextDecoder()
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }))
    for (const { data } of events.splice(0)) if (data !== '[DONE]') yield* deltasIn(data)
  }
}

/**
 * Calls an OpenAI-compatible chat route. Leaving the loop, or aborting `signal`, hangs up.
 * @throws ChatRefused for a status other than 200
 */
export async function* callChat(
  url: string,
  body: object,
  options: { readonly signal?: AbortSignal; readonly headers?: Readonly<Record<string, string>> } = {},
): AsyncGenerator<ChatDelta> {
  const { signal, headers } = options
  const response = await fetch(`${url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  })
  if (!response.ok || !response.body) throw new ChatRefused(response.status, await response.text())
  if (response.headers.get('content-type')?.includes('text/event-stream'))
    yield* streamed(response.body as AsyncIterable<Uint8Array>)
  else yield* deltasIn(await response.text())
}
