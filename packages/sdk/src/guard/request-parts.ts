import type { Message, Part } from '../subject/message.ts'
import type { Stage } from '../subject/stage.ts'
import type { AnswerPart } from './guard.ts'

/** A part of a request that is judged, and where it stands in the conversation. */
export interface RequestPart {
  readonly message: number
  readonly part: number
  readonly stage: Stage
  readonly text: string
  readonly json: boolean
  readonly media?: string
  /** The call of a tool whose result this is. */
  readonly of?: string
}

const TEXT_STAGE = { user: 'input', assistant: 'output', tool: 'toolResult' } as const

/**
 * Everything that a call brings in: what users wrote, what tools returned, and the history, which a caller may have
 * forged: it is judged by the rules it met when it was new, and remembered from then. System messages are the
 * developer's own.
 */
export function requestParts(messages: readonly Message[]): RequestPart[] {
  return messages.flatMap(({ role, parts }, message) =>
    role === 'system'
      ? []
      : parts.flatMap((part, index) => requestPart(part, role, { message, part: index }) ?? []),
  )
}

function requestPart(
  part: Part,
  role: 'user' | 'assistant' | 'tool',
  at: { readonly message: number; readonly part: number },
): RequestPart | undefined {
  switch (part.type) {
    case 'text':
      return part.text === '' ? undefined : { ...at, stage: TEXT_STAGE[role], text: part.text, json: false }
    case 'reasoning':
      return part.text === '' ? undefined : { ...at, stage: 'reasoning', text: part.text, json: false }
    case 'tool-call':
      return { ...at, stage: 'toolCall', text: part.input, json: true }
    case 'tool-result':
      return { ...at, stage: 'toolResult', text: part.output, json: part.json, of: part.toolCallId }
    case 'media':
      return { ...at, stage: TEXT_STAGE[role], text: '', json: false, media: part.mediaType }
  }
}

/** The conversation with one part's text replaced. */
export function withText(part: Part, text: string): Part {
  if (part.type === 'text' || part.type === 'reasoning') return { ...part, text }
  if (part.type === 'tool-call') return { ...part, input: text }
  if (part.type === 'tool-result') return { ...part, output: text }
  return part
}

/** The text of an answer as a reviewer reads it. */
export function answerText(parts: readonly AnswerPart[]): string {
  return parts.map((part) => ('media' in part ? `[${part.media}]` : part.text)).join('\n\n')
}
