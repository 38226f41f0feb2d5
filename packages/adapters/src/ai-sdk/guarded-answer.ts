import type {
  LanguageModelV4Citation,
  LanguageModelV4File,
  LanguageModelV4Source,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4ToolResult,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import type { AnswerPart, GateStep, JsonObject, StreamGate } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'
import { AnswerLedger, type TextEntry } from './answer-ledger.ts'
import { citationsJson, sourceJson, withCitations, withSource } from './citation-text.ts'
import { decisionMetadata, filteredParts } from './filtered-answer.ts'
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
  /** Nothing is enforced: every part passes as it came. */
  readonly shadow: boolean
}

const NOTHING: AnswerStep = { parts: [] }

/** Puts the parts of an answer through a gate, and gives back what it releases as valid parts. */
export function createGuardedAnswer({ gate, options, json, shadow }: GuardedAnswerInput): GuardedAnswer {
  const ledger = new AnswerLedger()
  const blocks = new Map<string, TextEntry & { collected?: string }>()
  const inputs = new Map<string, Extract<LanguageModelV4StreamPart, { type: 'tool-input-start' }>>()
  const raw: LanguageModelV4StreamPart[] = []
  const safe = (metadata: SharedV4ProviderMetadata | undefined) =>
    safeMetadata(metadata, options.trustedMetadata)
  const holder = (metadata: SharedV4ProviderMetadata | undefined) => {
    const providerMetadata = safe(metadata)
    return providerMetadata === undefined ? {} : { providerMetadata }
  }

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

  function block(kind: 'text' | 'reasoning', id: string): TextEntry & { collected?: string } {
    const key = `${kind}:${id}`
    const known = blocks.get(key)
    if (known) return known
    const entry = ledger.text(kind)
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
      entry.collected = (entry.collected ?? '') + text
      return NOTHING
    }
    return act(await gate.push(entry.id, kind === 'text' ? 'output' : 'reasoning', text))
  }

  async function endBlock(
    kind: 'text' | 'reasoning',
    id: string,
    citations?: LanguageModelV4Citation[],
  ): Promise<AnswerStep> {
    const entry = block(kind, id)
    blocks.delete(`${kind}:${id}`)
    entry.ended = true
    const { collected } = entry
    const ended =
      collected === undefined
        ? await gate.endPart(entry.id)
        : await gate.pushPart(entry.id, { stage: 'output', text: collected, json: true })
    if (ended.kind !== 'open' || !citations?.length) return act(ended)
    const cited = ledger.attached(entry, (text) => {
      entry.citations = withCitations(citations, text, options.trustedMetadata)
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

  function toolCall(part: LanguageModelV4ToolCall): Promise<AnswerStep> {
    const { toolCallId, toolName, input, providerExecuted, dynamic } = part
    const start = inputs.get(toolCallId)
    inputs.delete(toolCallId)
    const origin = ids({ toolCallId, providerExecuted, dynamic })
    return pushWhole({ stage: 'toolCall', toolName, text: input, json: true, origin }, (text) => {
      const { providerMetadata, ...rest } = part
      const call = { ...rest, input: text, ...(text === input ? holder(providerMetadata) : {}) }
      return [...(start ? toolInput(start, text) : []), call]
    })
  }

  /** The arguments once more as the deltas they came in: all of them in one, since they were judged as one. */
  function toolInput(
    start: Extract<LanguageModelV4StreamPart, { type: 'tool-input-start' }>,
    text: string,
  ): LanguageModelV4StreamPart[] {
    const { providerMetadata, ...rest } = start
    const { id } = start
    return [
      { ...rest, ...holder(providerMetadata) },
      { type: 'tool-input-delta', id, delta: start.inputEncoding === 'text' ? JSON.parse(text) : text },
      { type: 'tool-input-end', id },
    ]
  }

  function toolResult(part: LanguageModelV4ToolResult): Promise<AnswerStep> {
    const { toolCallId, toolName, result, isError, preliminary, dynamic, providerMetadata, ...rest } = part
    const json = JSON.stringify(result)
    const origin = ids({ toolCallId, isError, preliminary, dynamic })
    return pushWhole({ stage: 'toolResult', toolName, text: json, json: true, origin }, (text) => [
      {
        ...rest,
        ...origin,
        toolCallId,
        toolName,
        result: JSON.parse(text),
        ...(text === json ? holder(providerMetadata) : {}),
      },
    ])
  }

  function file(part: LanguageModelV4File): Promise<AnswerStep> {
    const { providerMetadata, ...rest } = part
    const { mediaType } = part
    const readable = textFile(mediaType, part.data)
    if (!readable) return media({ ...rest, ...holder(providerMetadata) }, mediaType)
    const origin = { kind: 'file', mediaType }
    return pushWhole({ stage: 'output', text: readable.text, json: true, origin }, (text) => [
      {
        ...rest,
        data: text === readable.text ? part.data : (readable.with(text) as LanguageModelV4File['data']),
        ...(text === readable.text ? holder(providerMetadata) : {}),
      },
    ])
  }

  /** What nothing can read goes to `onAbstain`, and passes as it is or not at all. */
  function media(part: LanguageModelV4StreamPart, mediaType: string): Promise<AnswerStep> {
    return pushWhole({ stage: 'output', media: mediaType, origin: { kind: 'media' } }, () => [part])
  }

  function source(part: LanguageModelV4Source): Promise<AnswerStep> {
    const { id, sourceType } = part
    const origin = ids({ kind: 'source', id, sourceType, mediaType: 'mediaType' in part && part.mediaType })
    return pushWhole({ stage: 'output', text: sourceJson(part), json: true, origin }, (text) => [
      withSource(part, text, options.trustedMetadata),
    ])
  }

  async function finish(part: Extract<LanguageModelV4StreamPart, { type: 'finish' }>): Promise<AnswerStep> {
    const counted = ({ parts, over }: AnswerStep) =>
      ({
        parts: parts.map((each) => (each.type === 'finish' ? { ...each, usage: part.usage } : each)),
        over,
      }) as AnswerStep
    const before: TakenPart[] = []
    for (const [key, { kind }] of blocks) {
      const step = await endBlock(kind, key.slice(kind.length + 1))
      before.push(...step.parts)
      if (step.over) return counted({ ...step, parts: before })
    }
    const end = await gate.end()
    const { parts: rest, over } = act(end)
    const parts = [...before, ...rest]
    if (end.kind !== 'done') return counted({ parts, over: 'filtered' })
    const unedited = end.decision.edits.length === 0
    const providerMetadata = {
      ...(shadow ? part.providerMetadata : safe(part.providerMetadata)),
      ...decisionMetadata(end.decision),
    }
    const finished: LanguageModelV4StreamPart = { ...part, providerMetadata }
    return { parts: [...parts, ...(unedited ? raw : []), finished], over: over ?? 'done' }
  }

  async function judge(part: TakenPart): Promise<AnswerStep> {
    switch (part.type) {
      case 'stream-start':
      case 'response-metadata':
      case 'ping':
        return { parts: [part] }
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
      case 'tool-approval-request': {
        const { providerMetadata, ...rest } = part
        ledger.inert({ ...rest, ...holder(providerMetadata) })
        return NOTHING
      }
      case 'file':
        return file(part)
      case 'reasoning-file': {
        const { providerMetadata, ...rest } = part
        return media({ ...rest, ...holder(providerMetadata) }, part.mediaType)
      }
      case 'custom':
        return media(part, `custom/${part.kind}`)
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

  if (!shadow) return { take: judge }
  return {
    /** In shadow the gate is asked what it would have done, and the part passes. */
    async take(part) {
      const { parts, over } = KNOWN_TO_SHADOW.has(part.type) ? await judge(part) : NOTHING
      if (part.type === 'finish')
        return { parts: parts.filter(({ type }) => type === 'finish'), over: over ?? 'done' }
      return { parts: [part] }
    },
  }
}

/** Parts with content. Others pass in shadow without a look at them. */
const KNOWN_TO_SHADOW: ReadonlySet<string> = new Set([
  'text-start',
  'text-delta',
  'text-end',
  'reasoning-start',
  'reasoning-delta',
  'reasoning-end',
  'tool-call',
  'tool-result',
  'file',
  'reasoning-file',
  'custom',
  'source',
  'structured-text',
  'finish',
])

const kindOf = (type: `${'text' | 'reasoning'}-${string}`) => (type.startsWith('text') ? 'text' : 'reasoning')

/** The members that say something, as what an answer is made from again. */
const ids = (members: Readonly<Record<string, string | boolean | undefined>>): JsonObject =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== false),
  ) as JsonObject

function unknownPart(part: TakenPart): Error {
  const type = /^[\w-]{1,40}$/.test(part.type) ? part.type : '?'
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type, where: 'answer' })
}
