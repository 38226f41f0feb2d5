import Anthropic from '@anthropic-ai/sdk'
import { InferenceClient } from '@huggingface/inference'
import { guardAnthropic } from '@parapet/adapters/anthropic'
import { guardHuggingFace } from '@parapet/adapters/huggingface'
import { guardOpenAI } from '@parapet/adapters/openai'
import type { Guard } from '@parapet/sdk'
import OpenAI from 'openai'

/** A provider's own client, bare and guarded, over the same upstream: the texts of one streamed answer. */
export interface ClientRow {
  readonly name: string
  bare(texts: readonly string[]): AsyncIterable<string>
  guarded(guard: Guard, texts: readonly string[]): AsyncIterable<string>
}

interface WireEvent {
  readonly event?: string
  readonly data: unknown
}

/** An upstream that streams at once, one event a piece, without a network between. */
function upstream(events: readonly WireEvent[]): typeof fetch {
  const encoder = new TextEncoder()
  const lines = events.map(({ event, data }) =>
    encoder.encode(
      `${event === undefined ? '' : `event: ${event}\n`}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`,
    ),
  )
  return async () =>
    new Response(ReadableStream.from(lines), { headers: { 'content-type': 'text/event-stream' } })
}

const messages = [{ role: 'user' as const, content: 'hi' }]
const chunk = (delta: object, finish: string | null = null) => ({
  data: {
    id: 'c',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  },
})

/** Chat completions, as OpenAI and Hugging Face stream them. */
const completion = (texts: readonly string[]): WireEvent[] => [
  chunk({ role: 'assistant', content: '' }),
  ...texts.map((content) => chunk({ content })),
  chunk({}, 'stop'),
  { data: '[DONE]' },
]

const message = (texts: readonly string[]): WireEvent[] =>
  [
    {
      type: 'message_start',
      message: {
        id: 'm',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...texts.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 1 },
    },
    { type: 'message_stop' },
  ].map((data) => ({ event: data.type, data }))

const openai = (texts: readonly string[]) =>
  new OpenAI({ apiKey: 'k', baseURL: 'https://bench.test/v1', fetch: upstream(completion(texts)) })

async function* openaiTexts(client: OpenAI): AsyncGenerator<string> {
  const stream = await client.chat.completions.create({ model: 'm', messages, stream: true })
  for await (const { choices } of stream) yield choices[0]?.delta.content ?? ''
}

const anthropic = (texts: readonly string[]) =>
  new Anthropic({ apiKey: 'k', baseURL: 'https://bench.test', fetch: upstream(message(texts)) })

async function* anthropicTexts(client: Anthropic): AsyncGenerator<string> {
  const stream = await client.messages.create({ model: 'm', max_tokens: 9, messages, stream: true })
  for await (const event of stream)
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') yield event.delta.text
}

const huggingFace = (texts: readonly string[]) =>
  new InferenceClient('hf_k', {
    endpointUrl: 'https://bench.test/v1',
    fetch: upstream(completion(texts)),
  })

async function* huggingFaceTexts(client: InferenceClient): AsyncGenerator<string> {
  for await (const { choices } of client.chatCompletionStream({ model: 'm', messages }))
    yield choices[0]?.delta.content ?? ''
}

export const CLIENT_ROWS: readonly ClientRow[] = [
  {
    name: 'openai',
    bare: (texts) => openaiTexts(openai(texts)),
    guarded: (guard, texts) => openaiTexts(guardOpenAI(openai(texts), guard)),
  },
  {
    name: 'anthropic',
    bare: (texts) => anthropicTexts(anthropic(texts)),
    guarded: (guard, texts) => anthropicTexts(guardAnthropic(anthropic(texts), guard)),
  },
  {
    name: 'huggingface',
    bare: (texts) => huggingFaceTexts(huggingFace(texts)),
    guarded: (guard, texts) => huggingFaceTexts(guardHuggingFace(huggingFace(texts), guard)),
  },
]
