import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { StreamGate } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'
import { createAnswerFiles } from './answer-files.ts'
import { createAnswerGate } from './answer-gate.ts'
import { type AnswerStep, NOTHING, type TakenPart } from './answer-step.ts'
import { createAnswerTexts } from './answer-texts.ts'
import { createAnswerTools } from './answer-tools.ts'
import { decisionMetadata } from './filtered-answer.ts'
import { knownFinishReason, knownResponse, knownUsage, knownWarnings } from './known-members.ts'
import type { ResolvedMiddlewareOptions } from './options.ts'

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
  /** The policy's limit of an answer. */
  readonly maxCharacters: number
}

/** Puts the parts of an answer through a gate, and gives back what it releases as valid parts. */
export function createGuardedAnswer(input: GuardedAnswerInput): GuardedAnswer {
  const { gate, options, toolNames } = input
  const answer = createAnswerGate(gate, options)
  const { ledger, idOf, safe, holder, act, pushWhole } = answer
  const texts = createAnswerTexts(answer, input)
  const tools = createAnswerTools(answer, toolNames)
  const files = createAnswerFiles(answer)
  const raw: LanguageModelV4StreamPart[] = []

  async function finish(part: Extract<LanguageModelV4StreamPart, { type: 'finish' }>): Promise<AnswerStep> {
    const usage = knownUsage(part.usage)
    const counted = ({ parts, over }: AnswerStep) =>
      ({
        parts: parts.map((each) => (each.type === 'finish' ? { ...each, usage } : each)),
        over,
      }) as AnswerStep
    const before = await texts.endAll()
    if (before.over) return counted(before)
    const end = await gate.end()
    const { parts: rest, over } = act(end)
    const parts = [...before.parts, ...rest]
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
        texts.note(kindOf(part.type), part.id, part.providerMetadata)
        return NOTHING
      }
      case 'text-delta':
      case 'reasoning-delta':
        texts.note(kindOf(part.type), part.id, part.providerMetadata)
        return texts.delta(kindOf(part.type), part.id, part.delta)
      case 'text-end':
        texts.note('text', part.id, part.providerMetadata)
        return texts.endBlock('text', part.id, part.citations)
      case 'reasoning-end':
        texts.note('reasoning', part.id, part.providerMetadata)
        return texts.endBlock('reasoning', part.id)
      case 'tool-input-start':
        return tools.inputStart(part)
      case 'tool-input-delta':
      case 'tool-input-end':
        // The call that follows holds all of it, and is what is judged.
        return NOTHING
      case 'tool-call':
        return tools.toolCall(part)
      case 'tool-result':
        return tools.toolResult(part)
      case 'tool-approval-request':
        ledger.inert({
          type: 'tool-approval-request',
          approvalId: idOf(part.approvalId),
          toolCallId: idOf(part.toolCallId),
          ...holder(part.providerMetadata),
        })
        return NOTHING
      case 'file':
        return files.file(part)
      case 'reasoning-file':
        return files.mediaFile(part)
      case 'custom':
        return files.custom(part)
      case 'source':
        return files.source(part)
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
      if (texts.textOpen || !CONTENT_BESIDE_TEXT.has(part.type)) return judge(part)
      const joined = await texts.endJson()
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

function unknownPart(part: TakenPart): Error {
  const type = /^[\w-]{1,40}$/.test(part.type) ? part.type : '?'
  return adapterError('PARAPET_ADAPTER_PART_UNKNOWN', { type, where: 'answer' })
}
