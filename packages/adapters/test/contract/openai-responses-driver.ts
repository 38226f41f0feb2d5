import { guardOpenAI, OPENAI_RESPONSES_CAPABILITIES, parapetOf } from '@parapet/adapters/openai'
import { type MessageInput, toMessages } from '@parapet/sdk'
import {
  type AdapterDriver,
  type ContractAnswer,
  type ContractRequest,
  SCRIPTED_MESSAGE,
  type UpstreamScript,
} from '@parapet/sdk/testing'
import OpenAI from 'openai'
import { toRequestOptions } from './openai-chat-driver.ts'
import { printed, scriptedProvider } from './openai-provider.ts'
import { responsesDialect } from './openai-responses-dialect.ts'

type Item = OpenAI.Responses.ResponseInputItem
type Answer = OpenAI.Responses.Response

function toItems(message: MessageInput): Item[] {
  const [{ role, parts } = { role: 'user' as const, parts: [] }] = toMessages([message])
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))
  if (role === 'user' && texts.length > 1 && texts.length === parts.length)
    return [{ type: 'message', role, content: texts.map((text) => ({ type: 'input_text', text })) }]
  return parts.flatMap((part): Item[] => {
    switch (part.type) {
      case 'text':
        return role === 'tool' ? [] : [{ type: 'message', role, content: part.text }]
      case 'media':
        return [
          {
            type: 'message',
            role: 'user',
            content: [
              { type: 'input_image', detail: 'auto', image_url: `data:${part.mediaType};base64,AAAA` },
            ],
          },
        ]
      case 'tool-call':
        return [
          { type: 'function_call', call_id: part.toolCallId, name: part.toolName, arguments: part.input },
        ]
      case 'tool-result':
        return [{ type: 'function_call_output', call_id: part.toolCallId, output: part.output }]
      default:
        return []
    }
  })
}

function toBody({ messages, structured }: ContractRequest, script: UpstreamScript) {
  return {
    model: 'scripted',
    input: messages.flatMap(toItems),
    tools: script.parts.flatMap((part) =>
      part.kind === 'toolCall'
        ? [{ type: 'function' as const, name: part.name, parameters: {}, strict: false }]
        : [],
    ),
    ...(structured ? { text: { format: { type: 'json_object' as const } } } : {}),
  }
}

interface Gathered {
  readonly answer?: Answer | undefined
  readonly error?: unknown
  readonly left?: boolean
  readonly everything: unknown
}

function toAnswer({ answer, error, left, everything }: Gathered): ContractAnswer {
  // Anew, since the client's clones are of another realm than the test's.
  const output: Answer['output'] = JSON.parse(JSON.stringify(answer?.output ?? []))
  const of = <Type extends (typeof output)[number]['type']>(type: Type) =>
    output.filter((item): item is Extract<(typeof output)[number], { type: Type }> => item.type === type)
  const filtered = answer?.incomplete_details?.reason === 'content_filter'
  const messages = of('message')
  const last = filtered ? messages.at(-1)?.content[0] : undefined
  const told = last?.type === 'refusal' ? last.refusal : last?.text
  const texts = (filtered ? messages.slice(0, -1) : messages)
    .flatMap(({ content }) => content)
    .filter((part) => part.type === 'output_text')
  return {
    text: texts.map(({ text }) => text).join(''),
    reasoning: of('reasoning')
      .flatMap(({ summary }) => summary.map(({ text }) => text))
      .join(''),
    signed: of('reasoning').some(({ encrypted_content: seal }) => seal !== undefined),
    toolCalls: of('function_call').map(({ name, arguments: input }) => ({ name, input })),
    toolResults: of('mcp_call').map(({ name, output: result }) => ({ name, result: result ?? '' })),
    media: of('image_generation_call').map((item) => `image/${item.output_format}`),
    sources: texts
      .flatMap(({ annotations }) => annotations)
      .flatMap((each) => (each.type === 'url_citation' ? [{ url: each.url, title: each.title }] : [])),
    choices: [],
    ending: left ? 'left' : error !== undefined || !answer ? 'failed' : filtered ? 'filtered' : 'finished',
    ...(told === undefined ? {} : { message: told }),
    ...(parapetOf(answer) ?? {}),
    ...(error === undefined ? {} : { error }),
    visible: `${JSON.stringify(everything)} ${error === undefined ? '' : printed(error)}`,
  }
}

export const openaiResponsesDriver: AdapterDriver = {
  name: 'openai responses',
  capabilities: OPENAI_RESPONSES_CAPABILITIES,
  open({ guard, script }) {
    const { baseURL, fetch, upstream } = scriptedProvider(responsesDialect, script)
    const client = guardOpenAI(
      new OpenAI({ apiKey: 'none', baseURL, fetch, maxRetries: 0, logLevel: 'off' }),
      guard,
    )
    return {
      upstream,
      async generate(request) {
        try {
          const { data, response } = await client.responses
            .create(toBody(request, script), toRequestOptions(request))
            .withResponse()
          return toAnswer({ answer: data, everything: [data, [...response.headers]] })
        } catch (error) {
          return toAnswer({ error, everything: [] })
        }
      },
      async stream(request, { onText, leaveAfter } = {}) {
        const events: OpenAI.Responses.ResponseStreamEvent[] = []
        const runner = client.responses.stream(toBody(request, script), toRequestOptions(request))
        let error: unknown
        let left = false
        let pieces = 0
        let answer: Answer | undefined
        try {
          for await (const event of runner) {
            events.push(event)
            if (event.type === 'response.completed' || event.type === 'response.incomplete')
              answer = event.response
            const output = event.type === 'response.output_text.delta'
            const reasoning = event.type === 'response.reasoning_summary_text.delta'
            if (!output && !reasoning) continue
            if (event.delta !== SCRIPTED_MESSAGE) onText?.(output ? 'output' : 'reasoning', event.delta)
            pieces++
            // Leaving the loop aborts the request.
            left = leaveAfter !== undefined && pieces >= leaveAfter
            if (left) break
          }
        } catch (thrown) {
          // The runner wraps what is no error of its own library.
          error = (thrown instanceof Error ? thrown.cause : undefined) ?? thrown
        }
        if (answer) JSON.stringify(await runner.finalResponse().catch(String))
        return toAnswer({
          ...(answer ? { answer } : {}),
          ...(error === undefined ? {} : { error }),
          left,
          everything: events,
        })
      },
    }
  },
}
