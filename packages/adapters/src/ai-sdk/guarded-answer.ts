import type {
  LanguageModelV4Citation,
  LanguageModelV4CustomContent,
  LanguageModelV4File,
  LanguageModelV4ReasoningFile,
  LanguageModelV4Source,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4ToolResult,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import type { AnswerPart, GateStep, JsonObject, StreamGate } from '@parapet/sdk'
import { createIds, defined, flags, knownMediaType } from '../answer/known-forms.ts'
import { adapterError } from '../errors/codes.ts'
import { AnswerLedger, type TextEntry } from './answer-ledger.ts'
import { citationsJson, sourceJson, withCitations, withSource } from './citation-text.ts'
import { decisionMetadata, filteredParts } from './filtered-answer.ts'
import { createJsonBlocks, type JsonBlocks } from './json-blocks.ts'
import { knownFinishReason, knownKind, knownResponse, knownUsage, knownWarnings } from './known-members.ts'
import type { ResolvedMiddlewareOptions } from './options.ts'
import { safeMetadata } from './safe-metadata.ts'
import { textFile } from './text-file.ts'

/** A text beside the content of an unstreamed answer: what structured output is parsed from. */
export interface StructuredTextPart {
  readonly type: 'structured-text'
  readonly text: string
}

export type TakenPart = LanguageModelV4StreamPart | StructuredTextPart

/** What the caller may get, and whether the answer is over. */
export interface AnswerStep {
  readonly parts: readonly TakenPart[]
  readonly over?: 'done' | 'filtered'
}

/** An answer on its way through the gate, part by part. */
export interface GuardedAnswer {
  /** Takes the provider's next part; one call at a time. @throws PARAPET_ADAPTER_PART_UNKNOWN and whatever the gate does */
  take(part: TakenPart): Promise<AnswerStep>
}

export interface GuardedAnswerInput {
  readonly gate: StreamGate
  readonly options: ResolvedMiddlewareOptions
  /** The call asked for JSON: text blocks are judged whole, by their leaves. */
  readonly json: boolean
  /** The tools that the developer offered: their names are not the model's words. */
  readonly toolNames: ReadonlySet<string>
}

type ToolInputStart = Extract<LanguageModelV4StreamPart, { type: 'tool-input-start' }>

const NOTHING: AnswerStep = { parts: [] }

/** Puts the parts of an answer through a gate, and gives back what it releases as valid parts. */
export function createGuardedAnswer({ gate, options, json, toolNames }: GuardedAnswerInput): GuardedAnswer {
  const ledger = new AnswerLedger()
  const blocks = new Map<string, TextEntry>()
  const inputs = new Map<string, ToolInputStart>()
  const raw: LanguageModelV4StreamPart[] = []
  const jsonBlocks: JsonBlocks = createJsonBlocks(() => ledger.text('text'))
  const idOf = createIds()
  const rebuild = { trusted: options.trustedMetadata, idOf }
  const safe = (metadata: SharedV4ProviderMetadata | undefined) =>
    safeMetadata(metadata, options.trustedMetadata)
  const holder = (metadata: SharedV4ProviderMetadata | undefined) =>
    defined({ providerMetadata: safe(metadata) })

  function act(step: GateStep): AnswerStep {
    const parts = ledger.release(step.release)
    if (step.kind === 'open') return { parts: [...parts, ...ledger.settle()] }
    if (step.kind === 'done') return { parts: [...parts, ...ledger.finish()], over: 'done' }
    return { parts: [...parts, ...ledger.truncate(), ...filteredParts(step)], over: 'filtered' }
  }

  async function pushWhole(part: AnswerPart, build: (text: string) => TakenPart[]): Promise<AnswerStep> {
    const id = ledger.whole((text) => build(text) as LanguageModelV4StreamPart[])
    return act(await gate.pushPart(id, part))
  }

  function block(kind: 'text' | 'reasoning', id: string): TextEntry {
    const key = `${kind}:${id}`
    const known = blocks.get(key)
    if (known) return known
    const entry = json && kind === 'text' ? jsonBlocks.join() : ledger.text(kind)
    blocks.set(key, entry)
    return entry
  }

  function note(entry: TextEntry, metadata: SharedV4ProviderMetadata | undefined): void {
    entry.metadata = safe(metadata) ?? entry.metadata
  }

  async function delta(kind: 'text' | 'reasoning', id: string, text: string): Promise<AnswerStep> {
    const entry = block(kind, id)
    if (text === '') return NOTHING
    entry.pushed = true
    entry.watch.push(text)
    if (json && kind === 'text') {
      jsonBlocks.add(text)
      return NOTHING
    }
    return act(await gate.push(entry.id, kind === 'text' ? 'output' : 'reasoning', text))
  }

  async function endBlock(
    kind: 'text' | 'reasoning',
    id: string,
    citations: readonly LanguageModelV4Citation[] = [],
  ): Promise<AnswerStep> {
    const entry = block(kind, id)
    blocks.delete(`${kind}:${id}`)
    if (json && kind === 'text') {
      jsonBlocks.end(citations)
      return NOTHING
    }
    entry.ended = true
    return cite(entry, await gate.endPart(entry.id), citations)
  }

  /** Judges the text blocks that were joined, as the one text that structured output is parsed from. */
  async function endJson(): Promise<AnswerStep> {
    const joined = jsonBlocks.take()
    if (!joined) return NOTHING
    const { entry, text, citations } = joined
    entry.ended = true
    const ended =
      text === ''
        ? await gate.endPart(entry.id)
        : await gate.pushPart(entry.id, { stage: 'output', text, json: mayHide(text) })
    return cite(entry, ended, citations)
  }

  async function cite(
    entry: TextEntry,
    ended: GateStep,
    citations: readonly LanguageModelV4Citation[],
  ): Promise<AnswerStep> {
    if (ended.kind !== 'open' || citations.length === 0) return act(ended)
    const cited = ledger.attached(entry, (text) => {
      entry.citations = withCitations(citations, text, rebuild)
    })
    const parts = ledger.release(ended.release)
    const step = act(
      await gate.pushPart(cited, {
        stage: 'output',
        text: citationsJson(citations),
        json: true,
        origin: { kind: 'citations' },
      }),
    )
    return { ...step, parts: [...parts, ...step.parts] }
  }

  /** The name of a tool that was not offered is made up by the model: it is judged like what it is called with. */
  async function nameOf(
    stage: 'toolCall' | 'toolResult',
    toolName: string,
    build: (released: () => string) => Promise<AnswerStep>,
  ): Promise<AnswerStep> {
    if (toolNames.has(toolName)) return build(() => toolName)
    let released = ''
    const id = ledger.ahead((text) => {
      released = JSON.parse(text)
    })
    const text = JSON.stringify(String(toolName))
    const named = await gate.pushPart(id, {
      stage,
      toolName,
      text,
      json: true,
      origin: { kind: 'tool-name' },
    })
    if (named.kind !== 'open') return act(named)
    const { parts } = act(named)
    const step = await build(() => released)
    return { ...step, parts: [...parts, ...step.parts] }
  }

  function toolCall(part: LanguageModelV4ToolCall): Promise<AnswerStep> {
    const { toolName, input, providerExecuted, dynamic, providerMetadata } = part
    const start = inputs.get(part.toolCallId)
    inputs.delete(part.toolCallId)
    const called = { toolCallId: idOf(part.toolCallId), ...flags({ providerExecuted, dynamic }) }
    return nameOf('toolCall', toolName, (name) =>
      pushWhole({ stage: 'toolCall', toolName, text: input, json: true, origin: called }, (text) => {
        const unedited = text === input && name() === toolName
        return [
          ...(start ? toolInput(start, called.toolCallId, name(), text) : []),
          {
            type: 'tool-call',
            ...called,
            toolName: name(),
            input: text,
            ...(unedited ? holder(providerMetadata) : {}),
          },
        ]
      }),
    )
  }

  /** The arguments once more as the deltas they came in: all of them in one, since they were judged as one. */
  function toolInput(
    { inputEncoding, providerExecuted, dynamic, providerMetadata }: ToolInputStart,
    id: string,
    toolName: string,
    text: string,
  ): LanguageModelV4StreamPart[] {
    const encoding = inputEncoding === 'text' || inputEncoding === 'json' ? inputEncoding : undefined
    return [
      {
        type: 'tool-input-start',
        id,
        toolName,
        ...defined({ inputEncoding: encoding }),
        ...flags({ providerExecuted, dynamic }),
        ...holder(providerMetadata),
      },
      { type: 'tool-input-delta', id, delta: encoding === 'text' ? decodedText(text) : text },
      { type: 'tool-input-end', id },
    ]
  }

  function toolResult(part: LanguageModelV4ToolResult): Promise<AnswerStep> {
    const { toolName, result, isError, preliminary, dynamic, providerMetadata } = part
    // A tool that gives nothing has no JSON of its own.
    const json = JSON.stringify(result) ?? 'null'
    const given = { toolCallId: idOf(part.toolCallId), ...flags({ isError, preliminary, dynamic }) }
    return nameOf('toolResult', toolName, (name) =>
      pushWhole({ stage: 'toolResult', toolName, text: json, json: true, origin: given }, (text) => [
        {
          type: 'tool-result',
          ...given,
          toolName: name(),
          result: JSON.parse(text),
          ...(text === json && name() === toolName ? holder(providerMetadata) : {}),
        },
      ]),
    )
  }

  function file(part: LanguageModelV4File): Promise<AnswerStep> {
    const { providerMetadata } = part
    const mediaType = knownMediaType(part.mediaType)
    const readable = textFile(part.mediaType, part.data)
    if (!readable) return mediaFile(part)
    // A file leaves in one piece, so it is judged as one: a JSON text by its leaves, any other as a single leaf.
    const whole = isJson(readable.text)
    const text = whole ? readable.text : JSON.stringify(readable.text)
    const fileText = (released: string): string => (whole ? released : JSON.parse(released))
    const origin = { kind: 'file', mediaType, ...flags({ leaf: !whole }) }
    return pushWhole({ stage: 'output', text, json: true, origin }, (released) => {
      const unedited = released === text
      // What a `data:` URL says of itself is free text.
      const data = unedited && part.data.type === 'data' ? part.data : readable.with(fileText(released))
      return [
        {
          type: 'file',
          mediaType,
          data: data as LanguageModelV4File['data'],
          ...(unedited ? holder(providerMetadata) : {}),
        },
      ]
    })
  }

  function mediaFile({
    type,
    mediaType,
    data,
    providerMetadata,
  }: LanguageModelV4File | LanguageModelV4ReasoningFile): Promise<AnswerStep> {
    const known = knownMediaType(mediaType)
    const content =
      data.type === 'url'
        ? { type: 'url' as const, url: data.url }
        : { type: 'data' as const, data: data.data }
    return media({ type, mediaType: known, data: content, ...holder(providerMetadata) }, known)
  }

  /** What a provider's own part holds is all in its metadata, which nothing here can read. */
  function custom({ kind, providerMetadata }: LanguageModelV4CustomContent): Promise<AnswerStep> {
    const known = knownKind(kind)
    return media({ type: 'custom', kind: known, ...defined({ providerMetadata }) }, `custom/${known}`)
  }

  /** What nothing can read goes to `onAbstain`, and passes as it is or not at all. */
  function media(part: LanguageModelV4StreamPart, mediaType: string): Promise<AnswerStep> {
    return pushWhole({ stage: 'output', media: mediaType, origin: { kind: 'media' } }, () => [part])
  }

  function source(part: LanguageModelV4Source): Promise<AnswerStep> {
    const { sourceType } = part
    const mediaType = 'mediaType' in part ? knownMediaType(part.mediaType) : undefined
    const origin: JsonObject = {
      kind: 'source',
      id: idOf(part.id),
      sourceType: sourceType === 'document' ? 'document' : 'url',
      ...defined({ mediaType }),
    }
    return pushWhole({ stage: 'output', text: sourceJson(part), json: true, origin }, (text) => [
      withSource(part, text, rebuild),
    ])
  }

  async function finish(part: Extract<LanguageModelV4StreamPart, { type: 'finish' }>): Promise<AnswerStep> {
    const usage = knownUsage(part.usage)
    const counted = ({ parts, over }: AnswerStep) =>
      ({
        parts: parts.map((each) => (each.type === 'finish' ? { ...each, usage } : each)),
        over,
      }) as AnswerStep
    const before: TakenPart[] = []
    for (const [key, { kind }] of blocks) {
      const step = await endBlock(kind, key.slice(kind.length + 1))
      before.push(...step.parts)
      if (step.over) return counted({ ...step, parts: before })
    }
    const joined = await endJson()
    before.push(...joined.parts)
    if (joined.over) return counted({ ...joined, parts: before })
    const end = await gate.end()
    const { parts: rest, over } = act(end)
    const parts = [...before, ...rest]
    if (end.kind !== 'done') return counted({ parts, over: 'filtered' })
    const keepsRaw = options.raw === 'after-decision' && end.decision.edits.length === 0
    const counts = part.usage?.raw
    const finished: LanguageModelV4StreamPart = {
      type: 'finish',
      usage: keepsRaw && counts ? { ...usage, raw: counts } : usage,
      finishReason: knownFinishReason(part.finishReason),
      providerMetadata: { ...safe(part.providerMetadata), ...decisionMetadata(end.decision) },
    }
    return { parts: [...parts, ...(keepsRaw ? raw : []), finished], over: over ?? 'done' }
  }

  async function judge(part: TakenPart): Promise<AnswerStep> {
    switch (part.type) {
      case 'stream-start':
        return { parts: [{ type: 'stream-start', warnings: knownWarnings(part.warnings) }] }
      case 'response-metadata':
        return { parts: [{ type: 'response-metadata', ...knownResponse(part) }] }
      case 'ping':
        return { parts: [{ type: 'ping' }] }
      case 'text-start':
      case 'reasoning-start': {
        note(block(kindOf(part.type), part.id), part.providerMetadata)
        return NOTHING
      }
      case 'text-delta':
      case 'reasoning-delta':
        note(block(kindOf(part.type), part.id), part.providerMetadata)
        return delta(kindOf(part.type), part.id, part.delta)
      case 'text-end':
        note(block('text', part.id), part.providerMetadata)
        return endBlock('text', part.id, part.citations)
      case 'reasoning-end':
        note(block('reasoning', part.id), part.providerMetadata)
        return endBlock('reasoning', part.id)
      case 'tool-input-start':
        inputs.set(part.id, part)
        return NOTHING
      case 'tool-input-delta':
      case 'tool-input-end':
        // The call that follows holds all of it, and is what is judged.
        return NOTHING
      case 'tool-call':
        return toolCall(part)
      case 'tool-result':
        return toolResult(part)
      case 'tool-approval-request':
        ledger.inert({
          type: 'tool-approval-request',
          approvalId: idOf(part.approvalId),
          toolCallId: idOf(part.toolCallId),
          ...holder(part.providerMetadata),
        })
        return NOTHING
      case 'file':
        return file(part)
      case 'reasoning-file':
        return mediaFile(part)
      case 'custom':
        return custom(part)
      case 'source':
        return source(part)
      case 'structured-text':
        return pushWhole(
          { stage: 'output', text: part.text, json: true, origin: { kind: 'structured' } },
          (text) => [{ type: 'structured-text', text }],
        )
      case 'raw':
        if (options.raw === 'after-decision') raw.push(part)
        return NOTHING
      case 'finish':
        return finish(part)
      default:
        throw unknownPart(part)
    }
  }

  return {
    async take(part) {
      // What is no text ends the text before it, unless the provider left that open.
      const openText = [...blocks.values()].some(({ kind }) => kind === 'text')
      if (openText || !CONTENT_BESIDE_TEXT.has(part.type)) return judge(part)
      const joined = await endJson()
      if (joined.over) return joined
      const step = await judge(part)
      return { ...step, parts: [...joined.parts, ...step.parts] }
    },
  }
}

const CONTENT_BESIDE_TEXT: ReadonlySet<string> = new Set([
  'reasoning-start',
  'tool-call',
  'tool-result',
  'tool-approval-request',
  'file',
  'reasoning-file',
  'custom',
  'source',
  'structured-text',
])

const kindOf = (type: `${'text' | 'reasoning'}-${string}`) => (type.startsWith('text') ? 'text' : 'reasoning')

/** Whether a reader of JSON could decode something out of a text: prose beside tool calls has nothing to decode. */
const mayHide = (text: string): boolean => /[{["\\]/.test(text)

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The text that a JSON string holds; what is none stays as it is. */
function decodedText(json: string): string {
  try {
    const text: unknown = JSON.parse(json)
    return typeof text === 'string' ? text : json
  } catch {
    return json
  }
}

function unknownPart(part: TakenPart): Error {
  const type = /^[\w-]{1,40}$/.test(part.type) ? part.type : '?'
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type, where: 'answer' })
}
