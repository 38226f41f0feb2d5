import { guardOpenAI, OPENAI_CHAT_CAPABILITIES, parapetHeaders, parapetOf } from '@parapet/adapters/openai'
import { type MessageInput, toMessages } from '@parapet/sdk'
import {
  type AdapterDriver,
  type ContractAnswer,
  type ContractRequest,
  SCRIPTED_MESSAGE,
  type UpstreamScript,
} from '@parapet/sdk/testing'
import OpenAI from 'openai'
import { chatDialect } from './openai-chat-dialect.ts'
import { printed, scriptedProvider } from './openai-provider.ts'

type Params = OpenAI.ChatCompletionCreateParamsNonStreaming
type Param = OpenAI.ChatCompletionMessageParam

function toParams(message: MessageInput): Param[] {
  const [{ role, parts } = { role: 'user', parts: [] }] = toMessages([message])
  if (role === 'tool')
    return parts.flatMap((part): Param[] =>
      part.type === 'tool-result'
        ? [{ role: 'tool', tool_call_id: part.toolCallId, content: part.output }]
        : [],
    )
  const text = parts.map((part) => ('text' in part ? part.text : '')).join('')
  if (role === 'assistant')
    return [
      {
        role,
        content: text,
        tool_calls: parts.flatMap((part) =>
          part.type === 'tool-call'
            ? [
                {
                  id: part.toolCallId,
                  type: 'function' as const,
                  function: { name: part.toolName, arguments: part.input },
                },
              ]
            : [],
        ),
      },
    ]
  if (role === 'system') return [{ role, content: text }]
  return [
    {
      role: 'user',
      content: parts.map((part) =>
        part.type === 'media'
          ? { type: 'image_url' as const, image_url: { url: `data:${part.mediaType};base64,AAAA` } }
          : { type: 'text' as const, text: 'text' in part ? part.text : '' },
      ),
    },
  ]
}

function toBody({ messages, structured }: ContractRequest, script: UpstreamScript): Params {
  return {
    model: 'scripted',
    messages: messages.flatMap(toParams),
    n: 1 + (script.choices?.length ?? 0),
    logprobs: true,
    tools: script.parts.flatMap((part) =>
      part.kind === 'toolCall' ? [{ type: 'function' as const, function: { name: part.name } }] : [],
    ),
    ...(structured ? { response_format: { type: 'json_object' } } : {}),
  }
}

export const toRequestOptions = ({ context, grant, signal }: ContractRequest) => ({
  headers: parapetHeaders({ ...context, ...(grant === undefined ? {} : { grant }) }),
  ...(signal ? { signal } : {}),
})

/** Messages as compatible providers give them: with members that the client's types do not know. */
type Message = Partial<OpenAI.ChatCompletionMessage> & {
  reasoning_content?: string
  images?: { image_url: { url: string } }[]
}

interface Gathered {
  readonly messages: readonly Message[]
  readonly reason?: string | null
  readonly parapet?: ReturnType<typeof parapetOf>
  readonly error?: unknown
  readonly left?: boolean
  readonly everything: unknown
}

const ENDS = [`\n\n${SCRIPTED_MESSAGE}`, SCRIPTED_MESSAGE]

function withoutMessage(content: string): string {
  const end = ENDS.find((each) => content.endsWith(each))
  return end === undefined ? content : content.slice(0, -end.length)
}

function toAnswer({ messages, reason, parapet, error, left, everything }: Gathered): ContractAnswer {
  const [first = {}, ...others] = messages
  const filtered = reason === 'content_filter'
  const textOf = ({ content }: Message) => (filtered ? withoutMessage(content ?? '') : (content ?? ''))
  const told = first.refusal ?? (textOf(first) === first.content ? undefined : SCRIPTED_MESSAGE)
  const finished = reason !== undefined && reason !== null
  return {
    text: textOf(first),
    reasoning: first.reasoning_content ?? '',
    signed: false,
    toolCalls: (first.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [{ name: call.function.name, input: call.function.arguments }] : [],
    ),
    toolResults: [],
    media: (first.images ?? []).map(({ image_url: { url } }) => /^data:([^;]+)/.exec(url)?.[1] ?? ''),
    sources: (first.annotations ?? []).map(({ url_citation: { url, title } }) => ({ url, title })),
    choices: others.map(textOf),
    ending: left ? 'left' : error !== undefined || !finished ? 'failed' : filtered ? 'filtered' : 'finished',
    ...(filtered && told ? { message: told } : {}),
    ...(parapet ?? {}),
    ...(error === undefined ? {} : { error }),
    visible: `${JSON.stringify(everything)} ${error === undefined ? '' : printed(error)}`,
  }
}

/** Puts chunks together as clients do. */
function gather(chunks: readonly OpenAI.ChatCompletionChunk[]): Message[] {
  const messages: Message[] = []
  for (const { index, delta } of chunks.flatMap(({ choices }) => choices)) {
    const message = messages[index] ?? {}
    messages[index] = message
    for (const [name, value] of Object.entries(delta)) {
      const known = (message as Record<string, unknown>)[name]
      const joined =
        typeof value === 'string' && typeof known === 'string'
          ? known + value
          : Array.isArray(value)
            ? [...((known as unknown[]) ?? []), ...value]
            : value
      Object.assign(message, { [name]: joined })
    }
  }
  return messages
}

export const openaiChatDriver: AdapterDriver = {
  name: 'openai chat completions',
  capabilities: OPENAI_CHAT_CAPABILITIES,
  open({ guard, script }) {
    const { baseURL, fetch, upstream } = scriptedProvider(chatDialect, script)
    const client = guardOpenAI(
      new OpenAI({ apiKey: 'none', baseURL, fetch, maxRetries: 0, logLevel: 'off' }),
      guard,
    )
    return {
      upstream,
      async generate(request) {
        try {
          const { data, response } = await client.chat.completions
            .create(toBody(request, script), toRequestOptions(request))
            .withResponse()
          return toAnswer({
            messages: data.choices.map(({ message }) => message as Message),
            reason: data.choices[0]?.finish_reason ?? null,
            parapet: parapetOf(data),
            everything: [data, [...response.headers]],
          })
        } catch (error) {
          return toAnswer({ messages: [], error, everything: [] })
        }
      },
      async stream(request, { onText, leaveAfter } = {}) {
        const chunks: OpenAI.ChatCompletionChunk[] = []
        let error: unknown
        let left = false
        let pieces = 0
        let headers: unknown
        try {
          const { data, response } = await client.chat.completions
            .create({ ...toBody(request, script), stream: true }, toRequestOptions(request))
            .withResponse()
          headers = [...response.headers]
          for await (const chunk of data) {
            chunks.push(chunk)
            const delta: Message = (chunk.choices[0]?.delta ?? {}) as Message
            const { content, reasoning_content: reasoning } = delta
            if (content && !ENDS.includes(content)) onText?.('output', content)
            if (reasoning) onText?.('reasoning', reasoning)
            if (content || reasoning) pieces++
            // Leaving the loop aborts the request.
            left = leaveAfter !== undefined && pieces >= leaveAfter
            if (left) break
          }
        } catch (thrown) {
          error = thrown
        }
        const end = chunks.findLast(({ choices }) => choices[0]?.finish_reason)
        return toAnswer({
          messages: gather(chunks),
          ...(end ? { reason: end.choices[0]?.finish_reason ?? null, parapet: parapetOf(end) } : {}),
          ...(error === undefined ? {} : { error }),
          left,
          everything: [chunks, headers],
        })
      },
    }
  },
}
