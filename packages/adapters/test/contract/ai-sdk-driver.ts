import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4Message,
  LanguageModelV4Middleware,
  LanguageModelV4StreamPart,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import { AI_SDK_CAPABILITIES, guardMiddleware } from '@parapet/adapters/ai-sdk'
import { type Guard, type Message, type MessageInput, toMessages } from '@parapet/sdk'
import type { AdapterDriver, ContractAnswer, ContractRequest, UpstreamScript } from '@parapet/sdk/testing'
import { wrapLanguageModel } from 'ai'
import { scriptedModel } from './scripted-model.ts'

function toPrompt(messages: readonly MessageInput[]): LanguageModelV4Message[] {
  return toMessages(messages).map(
    ({ role, parts }) =>
      ({
        role,
        content:
          role === 'system' ? parts.map((part) => 'text' in part && part.text).join('') : parts.map(toPart),
      }) as LanguageModelV4Message,
  )
}

function toPart(part: Message['parts'][number]) {
  switch (part.type) {
    case 'media':
      return { type: 'file', mediaType: part.mediaType, data: { type: 'data', data: 'AAAA' } }
    case 'tool-call':
      return { ...part, input: JSON.parse(part.input) }
    case 'tool-result': {
      const { toolCallId, toolName, output, json } = part
      const value = json ? { type: 'json', value: JSON.parse(output) } : { type: 'text', value: output }
      return { type: 'tool-result', toolCallId, toolName, output: value }
    }
    default:
      return part
  }
}

/** The tools that the script calls, as an app would have offered them. */
const toolsOf = ({ parts }: UpstreamScript) =>
  parts.flatMap((part) =>
    part.kind === 'toolCall' || part.kind === 'toolResult'
      ? [{ type: 'function' as const, name: part.name, inputSchema: {} }]
      : [],
  )

function toOptions(
  { messages, context, grant, structured, effects, signal }: ContractRequest,
  script: UpstreamScript,
): LanguageModelV4CallOptions {
  const parapet = { ...context, ...(grant === undefined ? {} : { grant }) }
  return {
    prompt: toPrompt(messages),
    providerOptions: { parapet },
    includeRawChunks: true,
    tools: [
      ...toolsOf(script),
      ...(effects
        ? [{ type: 'provider' as const, id: 'mock.search' as const, name: 'search', args: {} }]
        : []),
    ],
    ...(structured ? { responseFormat: { type: 'json' } } : {}),
    ...(signal ? { abortSignal: signal } : {}),
  }
}

/** What a caller can print of an error. */
function printed(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? ''
  return `${error.name}: ${error.message} ${JSON.stringify(error)} ${error.cause === undefined ? '' : printed(error.cause)}`
}

type Block = Extract<LanguageModelV4Content, { type: 'text' | 'reasoning' }>

interface Gathered {
  readonly content: readonly LanguageModelV4Content[]
  readonly finish?: { readonly unified: string; readonly raw: string | undefined }
  readonly metadata?: SharedV4ProviderMetadata | undefined
  readonly error?: unknown
  readonly left?: boolean
  readonly everything: unknown
}

function toAnswer({ content, finish, metadata, error, left, everything }: Gathered): ContractAnswer {
  const isMessage = (part: LanguageModelV4Content) =>
    part.type === 'text' && part.providerMetadata?.['parapet'] !== undefined
  const blocks = (type: Block['type']) =>
    content.filter((part): part is Block => part.type === type && !isMessage(part))
  const text = (parts: readonly Block[]) => parts.map((part) => part.text).join('')
  const message = content.find(isMessage) as Block | undefined
  const parapet = metadata?.['parapet'] as { decisionId?: string; ticket?: string } | undefined
  const filtered = finish?.unified === 'content-filter' && finish.raw === 'guardrail'
  return {
    text: text(blocks('text')),
    reasoning: text(blocks('reasoning')),
    signed: blocks('reasoning').some((part) => part.providerMetadata?.['mock']?.['signature'] !== undefined),
    toolCalls: content.flatMap((part) =>
      part.type === 'tool-call' ? [{ name: part.toolName, input: part.input }] : [],
    ),
    toolResults: content.flatMap((part) =>
      part.type === 'tool-result' ? [{ name: part.toolName, result: JSON.stringify(part.result) }] : [],
    ),
    media: content.flatMap((part) => (part.type === 'file' ? [part.mediaType] : [])),
    sources: content.flatMap((part) =>
      part.type === 'source' && part.sourceType === 'url' ? [{ url: part.url, title: part.title ?? '' }] : [],
    ),
    choices: [],
    ending: left ? 'left' : error !== undefined ? 'failed' : filtered ? 'filtered' : 'finished',
    ...(message ? { message: message.text } : {}),
    ...(parapet?.decisionId === undefined ? {} : { decisionId: parapet.decisionId }),
    ...(parapet?.ticket === undefined ? {} : { ticket: parapet.ticket }),
    ...(error === undefined ? {} : { error }),
    visible: `${JSON.stringify(everything)} ${error === undefined ? '' : printed(error)}`,
  }
}

/** Puts the parts of a stream together as a client would, and checks that they are validly paired. */
function gather(parts: readonly LanguageModelV4StreamPart[]): LanguageModelV4Content[] {
  const content: LanguageModelV4Content[] = []
  const open = new Map<string, Block>()
  for (const part of parts) {
    if (part.type === 'text-start' || part.type === 'reasoning-start') {
      const type = part.type === 'text-start' ? 'text' : 'reasoning'
      if (open.has(`${type}${part.id}`)) throw new Error('a block began twice')
      const metadata = part.providerMetadata ? { providerMetadata: part.providerMetadata } : {}
      const block: Block = { type, text: '', ...metadata }
      open.set(`${type}${part.id}`, block)
      content.push(block)
    } else if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
      const block = open.get(`${part.type.replace('-delta', '')}${part.id}`)
      if (!block) throw new Error('a delta came outside its block')
      block.text += part.delta
    } else if (part.type === 'text-end' || part.type === 'reasoning-end') {
      const key = `${part.type.replace('-end', '')}${part.id}`
      const block = open.get(key)
      if (!block) throw new Error('a block ended twice')
      if (part.providerMetadata) block.providerMetadata = part.providerMetadata
      open.delete(key)
    } else if (
      part.type === 'tool-call' ||
      part.type === 'tool-result' ||
      part.type === 'file' ||
      part.type === 'source'
    )
      content.push(part)
  }
  const failed = parts.some(({ type }) => type === 'error')
  const finished = parts.some(({ type }) => type === 'finish')
  if (finished && !failed && open.size > 0) throw new Error('a block did not end')
  return content
}

/** A driver of a middleware that says it can do what ours can. */
export const driverOf = (middleware: (guard: Guard) => LanguageModelV4Middleware): AdapterDriver => ({
  name: 'ai-sdk',
  capabilities: AI_SDK_CAPABILITIES,
  speculation: { effects: 'refused' },
  open({ guard, script }) {
    const { model: scripted, upstream } = scriptedModel(script)
    const model = wrapLanguageModel({ model: scripted, middleware: middleware(guard) })
    return {
      upstream,
      async generate(request) {
        try {
          const result = await model.doGenerate(toOptions(request, script))
          const { content, finishReason: finish, providerMetadata: metadata } = result
          return toAnswer({ content, finish, metadata, everything: result })
        } catch (error) {
          return toAnswer({ content: [], error, everything: [] })
        }
      },
      async stream(request, { onText, leaveAfter } = {}) {
        const parts: LanguageModelV4StreamPart[] = []
        let error: unknown
        let left = false
        let pieces = 0
        try {
          const { stream } = await model.doStream(toOptions(request, script))
          for await (const part of stream) {
            parts.push(part)
            if (part.type === 'error') error = part.error
            if (part.type !== 'text-delta' && part.type !== 'reasoning-delta') continue
            if (part.id !== 'parapet')
              onText?.(part.type === 'text-delta' ? 'output' : 'reasoning', part.delta)
            pieces++
            // Leaving the loop cancels the stream.
            left = leaveAfter !== undefined && pieces >= leaveAfter
            if (left) break
          }
        } catch (thrown) {
          error = thrown
        }
        const end = parts.find((part) => part.type === 'finish')
        return toAnswer({
          content: gather(parts),
          ...(end ? { finish: end.finishReason, metadata: end.providerMetadata } : {}),
          ...(error === undefined ? {} : { error }),
          left,
          everything: parts,
        })
      },
    }
  },
})

export const aiSdkDriver = driverOf((guard) => guardMiddleware(guard))
