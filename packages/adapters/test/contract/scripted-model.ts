import {
  APICallError,
  type LanguageModelV4CallOptions,
  type LanguageModelV4Content,
  type LanguageModelV4GenerateResult,
  type LanguageModelV4StreamPart,
  type LanguageModelV4Usage,
} from '@ai-sdk/provider'
import type { UpstreamLog, UpstreamPart, UpstreamScript } from '@parapet/sdk/testing'
import { MockLanguageModelV4 } from 'ai/test'

export const USAGE: LanguageModelV4Usage = {
  inputTokens: { total: 3, noCache: 3, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 10, text: 10, reasoning: undefined },
}

const every7 = (text: string) => text.match(/[\s\S]{1,7}/g) ?? []

/** A model of the AI SDK that answers as a script says. */
export interface ScriptedModel {
  readonly model: MockLanguageModelV4
  readonly upstream: UpstreamLog
}

/** Everything that stands beside the text in a provider's answer, and may repeat it. */
const sideDoor = ({ sideText }: UpstreamScript) =>
  sideText === undefined
    ? {}
    : {
        providerMetadata: {
          mock: {
            note: sideText,
            logprobs: [{ token: sideText, bytes: [...Buffer.from(sideText)] }],
            usage: { note: sideText, tokens: 3 },
          },
        },
      }

function toContent(part: UpstreamPart, script: UpstreamScript): LanguageModelV4Content {
  switch (part.kind) {
    case 'text':
      return { type: 'text', text: part.text, ...sideDoor(script) }
    case 'reasoning':
      return {
        type: 'reasoning',
        text: part.text,
        ...(part.signature === undefined
          ? {}
          : { providerMetadata: { mock: { signature: part.signature } } }),
      }
    case 'toolCall':
      return { type: 'tool-call', toolCallId: part.id, toolName: part.name, input: part.input }
    case 'toolResult':
      return {
        type: 'tool-result',
        toolCallId: part.id,
        toolName: part.name,
        result: JSON.parse(part.result),
      }
    case 'media':
      return { type: 'file', mediaType: part.mediaType, data: { type: 'data', data: 'AAAA' } }
    case 'source':
      return { type: 'source', sourceType: 'url', id: 's1', url: part.url, title: part.title }
    case 'unknown':
      return { type: 'hologram', text: part.text } as never
  }
}

function* streamParts(script: UpstreamScript): Generator<LanguageModelV4StreamPart> {
  const chunk = script.chunk ?? every7
  yield { type: 'stream-start', warnings: [] }
  yield { type: 'response-metadata', id: 'r1', modelId: 'scripted' }
  for (const [index, part] of script.parts.entries()) {
    const content = toContent(part, script)
    const id = String(index)
    if (content.type === 'text' || content.type === 'reasoning') {
      const metadata = content.providerMetadata ? { providerMetadata: content.providerMetadata } : {}
      yield { type: `${content.type}-start`, id }
      for (const delta of chunk(content.text)) {
        yield { type: `${content.type}-delta`, id, delta }
        if (script.sideText !== undefined) yield { type: 'raw', rawValue: { delta } }
      }
      yield { type: `${content.type}-end`, id, ...metadata }
    } else if (content.type === 'tool-call') {
      const { toolCallId, toolName, input } = content
      yield { type: 'tool-input-start', id: toolCallId, toolName }
      for (const delta of chunk(input)) yield { type: 'tool-input-delta', id: toolCallId, delta }
      yield { type: 'tool-input-end', id: toolCallId }
      yield content
    } else yield content
  }
}

const finishReason = { unified: 'stop', raw: 'stop' } as const
const promptText = ({ prompt }: LanguageModelV4CallOptions) => JSON.stringify(prompt)

/** A refusal that repeats the answer, as those of providers that parse tool calls do. */
function refusedBy(script: UpstreamScript): APICallError {
  const data = { error: { failed_generation: script.parts } }
  return new APICallError({
    message: brokenBy(script).message,
    url: 'https://provider.test',
    requestBodyValues: {},
    statusCode: 400,
    responseBody: JSON.stringify(data),
    data,
  })
}

/** An error that repeats the answer, as errors about malformed answers do. */
const brokenBy = (script: UpstreamScript) =>
  Object.assign(new Error(`cannot read: ${JSON.stringify(script.parts)}`), { code: 'BROKEN' })

export function scriptedModel(script: UpstreamScript): ScriptedModel {
  const prompts: string[] = []
  let aborted = false
  let delivered = 0
  const called = (options: LanguageModelV4CallOptions) => {
    prompts.push(promptText(options))
    options.abortSignal?.addEventListener('abort', () => {
      aborted = true
    })
  }

  async function doGenerate(options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    called(options)
    if (script.end === 'error') throw refusedBy(script)
    if (script.end === 'stall') return new Promise(() => {})
    return {
      content: script.parts.map((part) => toContent(part, script)),
      finishReason,
      usage: USAGE,
      warnings: [],
      response: { id: 'r1', modelId: 'scripted', body: { text: script.sideText } },
      ...sideDoor(script),
    }
  }

  async function doStream(options: LanguageModelV4CallOptions) {
    called(options)
    const parts = streamParts(script)
    const stream = new ReadableStream<LanguageModelV4StreamPart>(
      {
        pull(controller) {
          const { value, done } = parts.next()
          if (!done) {
            delivered++
            return controller.enqueue(value)
          }
          if (script.end === 'stall') return new Promise<void>(() => {})
          if (script.end === 'error') controller.enqueue({ type: 'error', error: brokenBy(script) })
          else if (script.end !== 'early')
            controller.enqueue({ type: 'finish', finishReason, usage: USAGE, ...sideDoor(script) })
          controller.close()
          return undefined
        },
        cancel() {
          aborted = true
        },
      },
      { highWaterMark: 0 },
    )
    return { stream }
  }

  return {
    model: new MockLanguageModelV4({ modelId: 'scripted', doGenerate, doStream }),
    upstream: {
      get prompts() {
        return prompts
      },
      get aborted() {
        return aborted
      },
      get delivered() {
        return delivered
      },
    },
  }
}
