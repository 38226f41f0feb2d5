import type {
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4Source,
  LanguageModelV4ToolResult,
} from '@ai-sdk/provider'
import type { Answer, AnswerPart, JsonObject } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'

/** A held answer that was approved, in the AI SDK's form. */
export interface ResumedAnswer {
  /** In the answer's order, edits applied. */
  readonly content: LanguageModelV4Content[]
  /** `tool-calls` when the answer waits for tools of the app to run, `stop` otherwise. */
  readonly finishReason: LanguageModelV4FinishReason
  /** The text of the answer, as `generateText` would have given it. */
  readonly text: string
  /** Media types of parts that are not stored, and so are not in `content`. */
  readonly missing: readonly string[]
}

/**
 * Turns the answer that `guard.resume(ticket)` found into content. Stored answers hold text, no metadata and no media:
 * signatures of reasoning are gone, and files are named in `missing`.
 * @throws PARAPET_ADAPTER_ANSWER_FOREIGN when another adapter stored the answer
 */
export function resumeAnswer({ answer }: { readonly answer: Answer }): ResumedAnswer {
  const content = answer.parts.flatMap((part, index) => toContent(part, answer.parts[index - 1]))
  const waits = content.some((part) => part.type === 'tool-call' && part.providerExecuted !== true)
  return {
    content,
    finishReason: { unified: waits ? 'tool-calls' : 'stop', raw: undefined },
    text: content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    missing: answer.parts.flatMap((part) => ('media' in part ? [part.media] : [])),
  }
}

function toContent(part: AnswerPart, before: AnswerPart | undefined): LanguageModelV4Content[] {
  if ('media' in part) return []
  const { origin = {}, text } = part
  if (origin['kind'] === 'tool-name') return []
  switch (part.stage) {
    case 'reasoning':
      return text === '' ? [] : [{ type: 'reasoning', text }]
    case 'toolCall':
      return [{ type: 'tool-call', ...called(part, origin), toolName: toolName(part, before), input: text }]
    case 'toolResult':
      return [
        {
          type: 'tool-result',
          ...called(part, origin),
          toolName: toolName(part, before),
          result: JSON.parse(text) as LanguageModelV4ToolResult['result'],
        },
      ]
    case 'output':
      return output(text, origin)
  }
}

function output(text: string, origin: JsonObject): LanguageModelV4Content[] {
  switch (origin['kind']) {
    // What stood beside the content, or points into a text: there is nothing to attach it to any more.
    case 'citations':
    case 'structured':
      return []
    case 'source': {
      const { kind: _, ...members } = origin
      return [{ type: 'source', ...members, ...JSON.parse(text) } as LanguageModelV4Source]
    }
    case 'file': {
      const file: string = origin['leaf'] === true ? JSON.parse(text) : text
      const data = Buffer.from(file, 'utf8').toString('base64')
      return [{ type: 'file', mediaType: String(origin['mediaType']), data: { type: 'data', data } }]
    }
    default:
      return text === '' ? [] : [{ type: 'text', text }]
  }
}

/** The name as it was released: one that was judged stands in a part of its own, before what it names. */
function toolName(part: { readonly toolName: string }, before: AnswerPart | undefined): string {
  const judged = before && 'text' in before && before.origin?.['kind'] === 'tool-name'
  return judged ? String(JSON.parse(before.text)) : part.toolName
}

/** The ids and flags of a call, which only this adapter stores. */
function called(part: AnswerPart, origin: JsonObject): { toolCallId: string } {
  const { toolCallId } = origin
  if (typeof toolCallId !== 'string')
    throw adapterError('PARAPET_ADAPTER_ANSWER_FOREIGN', { stage: part.stage })
  return { ...origin, toolCallId }
}
