import Anthropic from '@anthropic-ai/sdk'
import type {
  ContentBlockParam,
  Message,
  MessageCreateParams,
  MessageParam,
} from '@anthropic-ai/sdk/resources/messages'
import {
  ANTHROPIC_CAPABILITIES,
  decisionOf,
  guardAnthropic,
  isGuardMessage,
  parapet,
} from '@parapet/adapters/anthropic'
import { type Message as ParapetMessage, toMessages } from '@parapet/sdk'
import type { AdapterDriver, ContractAnswer, ContractRequest, UpstreamScript } from '@parapet/sdk/testing'
import { http } from 'msw/http'
import { countedFetch } from '../wire/counted-fetch.ts'
import { nextAddress, providerServer } from '../wire/provider-server.ts'
import { scriptedResponse } from './scripted-anthropic.ts'

type Part = ParapetMessage['parts'][number]

function toBlock(part: Part): ContentBlockParam {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'reasoning':
      return { type: 'thinking', thinking: part.text, signature: 'sig-1' }
    case 'tool-call':
      return { type: 'tool_use', id: part.toolCallId, name: part.toolName, input: JSON.parse(part.input) }
    case 'tool-result':
      return { type: 'tool_result', tool_use_id: part.toolCallId, content: part.output }
    case 'media':
      return { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
  }
}

function toParams(request: ContractRequest, script: UpstreamScript): MessageCreateParams {
  const messages = toMessages(request.messages)
  const system = messages.flatMap(({ role, parts }) =>
    role === 'system'
      ? parts.map((part) => ({ type: 'text' as const, text: 'text' in part ? part.text : '' }))
      : [],
  )
  const names = script.parts.flatMap((part) => (part.kind === 'toolCall' ? [part.name] : []))
  return {
    model: 'claude-scripted',
    max_tokens: 100,
    messages: messages
      .filter(({ role }) => role !== 'system')
      .map(
        ({ role, parts }): MessageParam => ({
          role: role === 'assistant' ? 'assistant' : 'user',
          content: parts.map(toBlock),
        }),
      ),
    ...(system.length > 0 ? { system } : {}),
    ...(names.length > 0 ? { tools: names.map((name) => ({ name, input_schema: { type: 'object' } })) } : {}),
    ...(request.structured ? { output_config: { format: { type: 'json_schema', schema: {} } } } : {}),
  }
}

/** What a caller can print of an error. */
function printed(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? ''
  return `${error.name}: ${error.message} ${JSON.stringify(error)} ${error.cause === undefined ? '' : printed(error.cause)}`
}

type Loose = Readonly<Record<string, unknown>> & { readonly type: string }

interface Gathered {
  readonly content: readonly Loose[]
  readonly end?: object | undefined
  readonly finished?: boolean
  readonly error?: unknown
  readonly everything: unknown
}

function toAnswer({ content, end = {}, finished = false, error, everything }: Gathered): ContractAnswer {
  const own = content.filter((block) => !isGuardMessage(block))
  const blocks = (type: string) => own.filter((block) => block.type === type)
  const message = content.find(isGuardMessage)
  const told = decisionOf(end)
  const calls = own.filter(({ type }) => type === 'tool_use' || type === 'mcp_tool_use')
  const citations = blocks('text').flatMap(
    ({ citations }) => (citations as { url: string; title: string }[] | null) ?? [],
  )
  return {
    text: blocks('text')
      .map(({ text }) => text)
      .join(''),
    reasoning: blocks('thinking')
      .map(({ thinking }) => thinking)
      .join(''),
    signed: blocks('thinking').some(({ signature }) => signature !== ''),
    toolCalls: calls.map(({ name, input }) => ({ name: String(name), input: JSON.stringify(input) })),
    toolResults: blocks('mcp_tool_result').map(({ tool_use_id, content: result }) => ({
      name: String(calls.find(({ id }) => id === tool_use_id)?.['name']),
      result: String(result),
    })),
    media: blocks('container_upload').map(({ file_id }) => String(file_id)),
    sources: citations.map(({ url, title }) => ({ url, title })),
    choices: [],
    ending: error !== undefined ? 'failed' : !finished ? 'left' : message ? 'filtered' : 'finished',
    ...(message ? { message: String(message['text']) } : {}),
    ...(told ?? {}),
    ...(error === undefined ? {} : { error }),
    visible: `${JSON.stringify(everything)} ${error === undefined ? '' : printed(error)}`,
  }
}

/** Puts the events of a stream together as a client would, and checks that they are validly paired. */
function gather(events: readonly Anthropic.RawMessageStreamEvent[]): Loose[] {
  const content: Record<string, unknown>[] = []
  let open: number | undefined
  for (const event of events) {
    if (event.type === 'content_block_start') {
      if (open !== undefined || event.index !== content.length)
        throw new Error('a block began within another')
      open = event.index
      content.push({ ...event.content_block })
    } else if (event.type === 'content_block_delta') {
      const block = content[event.index]
      if (open !== event.index || !block) throw new Error('a delta came outside its block')
      const { delta } = event
      if (delta.type === 'text_delta') block['text'] = String(block['text']) + delta.text
      else if (delta.type === 'thinking_delta') block['thinking'] = String(block['thinking']) + delta.thinking
      else if (delta.type === 'signature_delta') block['signature'] = delta.signature
      else if (delta.type === 'input_json_delta') block['input'] = JSON.parse(delta.partial_json)
      else block['citations'] = [...((block['citations'] as unknown[] | null) ?? []), delta.citation]
    } else if (event.type === 'content_block_stop') {
      if (open !== event.index) throw new Error('a block ended twice')
      open = undefined
    }
  }
  const stopped = events.some(({ type }) => type === 'message_stop')
  if (stopped && open !== undefined) throw new Error('a block did not end')
  return content as unknown as Loose[]
}

const optionsOf = ({ context = {}, grant, signal }: ContractRequest) => ({
  ...parapet({ ...context, ...(grant === undefined ? {} : { grant }) }),
  ...(signal ? { signal } : {}),
})

/** Drives the guarded client of the SDK against a provider on the network. */
export const anthropicDriver: AdapterDriver = {
  name: 'anthropic',
  capabilities: ANTHROPIC_CAPABILITIES,
  open({ guard, script }) {
    const baseURL = nextAddress()
    const prompts: string[] = []
    const { fetch, log } = countedFetch()
    providerServer.use(
      http.post(`${baseURL}/v1/messages`, async ({ request }) => {
        const body = await request.text()
        prompts.push(body)
        return scriptedResponse(script, JSON.parse(body))
      }),
    )
    const client = guardAnthropic(new Anthropic({ apiKey: 'key', baseURL, fetch, maxRetries: 0 }), guard)
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
          const params = toParams(request, script)
          const { data, response } = await client.messages
            .create({ ...params, stream: false }, optionsOf(request))
            .withResponse()
          // `Response.json` makes arrays of its own realm, which are deeply equal to no array of a test.
          const message: Message = JSON.parse(JSON.stringify(data))
          const everything = [message, [...response.headers]]
          return toAnswer({ content: message.content as never, end: message, finished: true, everything })
        } catch (error) {
          return toAnswer({ content: [], error, everything: [] })
        }
      },
      async stream(request, { onText, leaveAfter } = {}) {
        const events: Anthropic.RawMessageStreamEvent[] = []
        let error: unknown
        let pieces = 0
        let guardText = false
        try {
          const params = toParams(request, script)
          const stream = await client.messages.create({ ...params, stream: true }, optionsOf(request))
          for await (const event of stream) {
            events.push(event)
            if (event.type === 'content_block_start') guardText = isGuardMessage(event.content_block)
            if (event.type !== 'content_block_delta') continue
            const { delta } = event
            if (delta.type !== 'text_delta' && delta.type !== 'thinking_delta') continue
            if (!guardText && delta.type === 'text_delta') onText?.('output', delta.text)
            if (delta.type === 'thinking_delta') onText?.('reasoning', delta.thinking)
            pieces++
            // Leaving the loop aborts the call.
            if (leaveAfter !== undefined && pieces >= leaveAfter) break
          }
        } catch (thrown) {
          error = thrown
        }
        return toAnswer({
          content: gather(events),
          end: events.find(({ type }) => type === 'message_delta'),
          finished: events.some(({ type }) => type === 'message_stop'),
          ...(error === undefined ? {} : { error }),
          everything: events,
        })
      },
    }
  },
}
