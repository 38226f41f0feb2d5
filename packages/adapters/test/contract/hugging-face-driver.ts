import { InferenceClient } from '@huggingface/inference'
import { guardHuggingFace, HUGGING_FACE_CAPABILITIES } from '@parapet/adapters/huggingface'
import { type AdapterCapabilities, type MessageInput, toMessages } from '@parapet/sdk'
import type { AdapterDriver, ContractAnswer, ContractRequest, UpstreamScript } from '@parapet/sdk/testing'
import { http } from 'msw/http'
import { countedFetch } from '../wire/counted-fetch.ts'
import { nextAddress, providerServer } from '../wire/provider-server.ts'
import { scriptedAnswer, type WireForm } from './scripted-hugging-face.ts'

type Json = Record<string, unknown>

/** How a task is asked, and what of its answer a caller reads. */
export interface HuggingFaceDialect {
  readonly form: WireForm
  readonly capabilities: AdapterCapabilities
  args(request: ContractRequest, script: UpstreamScript): Json
  whole(client: InferenceClient, args: Json, signal: AbortSignal | undefined): Promise<Json>
  stream(client: InferenceClient, args: Json, signal: AbortSignal | undefined): AsyncGenerator<Json>
  /** The pieces of text that a piece of a stream, or a whole answer, brings to each choice. */
  texts(piece: Json): { readonly choice: number; readonly content: string; readonly reasoning: string }[]
  calls(pieces: readonly Json[]): { readonly name: string; readonly input: string }[]
}

function toMessage({ role, content }: MessageInput): Json {
  const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content
  const [result] = parts
  if (result?.type === 'tool-result')
    return { role, tool_call_id: result.toolCallId, name: result.toolName, content: result.output }
  const calls = parts.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ id: part.toolCallId, type: 'function', function: { name: part.toolName, arguments: part.input } }]
      : [],
  )
  const pieces = parts.flatMap((part): Json[] => {
    if (part.type === 'media')
      return [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }]
    return part.type === 'text' ? [{ type: 'text', text: part.text }] : []
  })
  return { role, content: pieces, ...(calls.length === 0 ? {} : { tool_calls: calls }) }
}

export const chatArgs: HuggingFaceDialect['args'] = ({ messages, structured }, script) => ({
  model: 'scripted',
  messages: messages.map(toMessage),
  tools: script.parts.flatMap((part) =>
    part.kind === 'toolCall' ? [{ type: 'function', function: { name: part.name } }] : [],
  ),
  n: 1 + (script.choices?.length ?? 0),
  ...(structured ? { response_format: { type: 'json_object' } } : {}),
})

export const textArgs: HuggingFaceDialect['args'] = ({ messages, structured }) => ({
  model: 'scripted',
  inputs: toMessages(messages)
    .map(({ parts }) => parts.map((part) => ('text' in part ? part.text : '')).join(''))
    .join('\n'),
  ...(structured ? { parameters: { grammar: { type: 'json', value: {} } } } : {}),
})

/** What a caller can print of an error. */
function printed(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? ''
  return `${error.name}: ${error.message} ${error.stack} ${JSON.stringify(error)} ${error.cause === undefined ? '' : printed(error.cause)}`
}

interface Parapet {
  readonly decisionId: string
  readonly ticket?: string
  readonly message?: string
}

const parapetOf = (pieces: readonly Json[]): Parapet | undefined =>
  pieces.at(-1)?.['parapet'] as Parapet | undefined

function toAnswer(
  dialect: HuggingFaceDialect,
  pieces: readonly Json[],
  { error, finished }: { readonly error?: unknown; readonly finished: boolean },
): ContractAnswer {
  const contents: string[] = []
  let reasoning = ''
  for (const piece of pieces)
    for (const { choice, content, reasoning: thought } of dialect.texts(piece)) {
      contents[choice] = (contents[choice] ?? '') + content
      reasoning += thought
    }
  const told = parapetOf(pieces)
  // The message for end users is the end of each choice.
  const own = (text = '') =>
    told?.message !== undefined && text.endsWith(told.message)
      ? text.slice(0, -told.message.length).replace(/\n\n$/, '')
      : text
  const [content, ...choices] = contents
  return {
    text: own(content),
    reasoning,
    signed: false,
    toolCalls: dialect.calls(pieces),
    toolResults: [],
    media: [],
    sources: [],
    choices: choices.map(own),
    ending:
      error !== undefined
        ? 'failed'
        : !finished
          ? 'left'
          : told?.message === undefined
            ? 'finished'
            : 'filtered',
    ...told,
    ...(error === undefined ? {} : { error }),
    visible: `${JSON.stringify(pieces)} ${error === undefined ? '' : printed(error)}`,
  }
}

/** Drives the guarded client of Hugging Face against a provider on the network. */
export const huggingFaceDriver = (dialect: HuggingFaceDialect): AdapterDriver => ({
  name: 'huggingface',
  capabilities: dialect.capabilities,
  open({ guard, script }) {
    const address = nextAddress()
    const prompts: string[] = []
    const { fetch, log } = countedFetch()
    providerServer.use(
      http.post(`${address}/*`, async ({ request }) => {
        const body = await request.text()
        prompts.push(body)
        return scriptedAnswer(script, dialect.form, JSON.parse(body))
      }),
    )
    const bare = new InferenceClient('hf_key', { fetch, retry_on_error: false })
    const client = guardHuggingFace(bare, guard).endpoint(address)
    const argsOf = (request: ContractRequest): Json => {
      const { context = {}, grant } = request
      const parapet = { ...context, ...(grant === undefined ? {} : { grant }) }
      return { ...dialect.args(request, script), parapet }
    }
    return {
      upstream: {
        prompts,
        get aborted() {
          return log.aborted
        },
        get delivered() {
          return log.delivered
        },
      },
      async generate(request) {
        try {
          const answer = await dialect.whole(client, argsOf(request), request.signal)
          return toAnswer(dialect, [answer], { finished: true })
        } catch (error) {
          return toAnswer(dialect, [], { error, finished: false })
        }
      },
      async stream(request, { onText, leaveAfter } = {}) {
        const pieces: Json[] = []
        let seen = 0
        let finished = false
        let error: unknown
        try {
          for await (const piece of dialect.stream(client, argsOf(request), request.signal)) {
            pieces.push(piece)
            if (piece['parapet'] !== undefined) continue
            for (const { content, reasoning } of dialect.texts(piece)) {
              if (content !== '') onText?.('output', content)
              if (reasoning !== '') onText?.('reasoning', reasoning)
              if (content + reasoning !== '') seen++
            }
            // Leaving the loop aborts the call.
            if (leaveAfter !== undefined && seen >= leaveAfter) break
          }
          finished = parapetOf(pieces) !== undefined
        } catch (thrown) {
          error = thrown
        }
        return toAnswer(dialect, pieces, { finished, ...(error === undefined ? {} : { error }) })
      },
    }
  },
})

export const TEXT_CAPABILITIES: AdapterCapabilities = {
  ...HUGGING_FACE_CAPABILITIES,
  'input.media': { handling: 'absent' },
  'output.reasoning': { handling: 'absent' },
  'output.toolCall': { handling: 'absent' },
  'output.choices': { handling: 'absent' },
}
