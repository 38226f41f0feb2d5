import type { Answer } from '@parapet/sdk'
import type OpenAI from 'openai'
import { missingMedia, type StoredPart, storedParts } from './stored-parts.ts'

type Item = OpenAI.Responses.ResponseOutputItem

/** A held answer that was approved, as the output of a response. */
export interface ResumedResponse {
  /** In the answer's order, edits applied. */
  readonly output: readonly Item[]
  readonly output_text: string
  /** Media types of parts that are not stored, and so are not in `output`. */
  readonly missing: readonly string[]
}

/**
 * Turns the answer that `guard.resume(ticket)` found into output items, edits applied. Stored answers hold no media, no
 * citations and no seals of reasoning, and their messages have ids of their own.
 * @throws PARAPET_ADAPTER_ANSWER_FOREIGN when another adapter stored the answer
 */
export function resumedResponse({ answer }: { readonly answer: Answer }): ResumedResponse {
  const parts = storedParts(answer)
  return {
    output: parts.map(toItem),
    output_text: parts
      .map((part) => (part.kind === 'text' && part.member !== 'refusal' ? part.text : ''))
      .join(''),
    missing: missingMedia(answer),
  }
}

function toItem(part: StoredPart, index: number): Item {
  const id = `parapet_${index}`
  switch (part.kind) {
    case 'text':
      return {
        id,
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [
          part.member === 'refusal'
            ? { type: 'refusal', refusal: part.text }
            : { type: 'output_text', text: part.text, annotations: [] },
        ],
      }
    case 'reasoning':
      return { id, type: 'reasoning', summary: [{ type: 'summary_text', text: part.text }] }
    case 'call':
      return part.type === 'custom'
        ? { id, type: 'custom_tool_call', call_id: part.id ?? id, name: part.name, input: part.text }
        : { id, type: 'function_call', call_id: part.id ?? id, name: part.name, arguments: part.text }
    case 'item':
      return part.item as unknown as Item
  }
}
