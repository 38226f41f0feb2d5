import type { ContentBlock } from '@anthropic-ai/sdk/resources/messages'
import type { Answer, AnswerPart } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'

/** A held answer that was approved, in the form of the provider's messages. */
export interface ResumedMessage {
  /** Text and calls of the app's own tools, in the answer's order, edits applied. */
  readonly content: ContentBlock[]
  /** `tool_use` when the answer waits for tools of the app to run, `end_turn` otherwise. */
  readonly stopReason: 'tool_use' | 'end_turn'
  /** The text of the answer. */
  readonly text: string
  /** Kinds of what is not in `content`, because the provider would not take it back without what only it can read. */
  readonly missing: readonly string[]
}

/**
 * Turns the answer that `guard.resume(ticket)` found into content. Stored answers hold text: thinking without its
 * signature, the provider's own tools and files are named in `missing`.
 * @throws PARAPET_ADAPTER_ANSWER_FOREIGN when another adapter stored the answer
 */
export function resumeAnswer({ answer }: { readonly answer: Answer }): ResumedMessage {
  const content: ContentBlock[] = []
  const missing = new Set<string>()
  let name: string | undefined
  for (const part of answer.parts) {
    const kind = part.origin?.['kind']
    if (kind === 'tool-name' && 'text' in part) {
      name = String(JSON.parse(part.text))
      continue
    }
    const block = toBlock(part, name)
    name = undefined
    if (typeof block === 'string') missing.add(block)
    else if (block) content.push(block)
  }
  const waits = content.some(({ type }) => type === 'tool_use')
  return {
    content,
    stopReason: waits ? 'tool_use' : 'end_turn',
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    missing: [...missing],
  }
}

/** The block of a part, the kind of one that cannot be made again, or nothing. */
function toBlock(part: AnswerPart, name: string | undefined): ContentBlock | string | undefined {
  const { kind, id } = part.origin ?? {}
  if ('media' in part) return part.media
  switch (part.stage) {
    case 'reasoning':
      return 'thinking'
    case 'toolResult':
      return String(kind)
    case 'output':
      if (kind === 'citations') return 'citations'
      return part.text === '' ? undefined : { type: 'text', text: part.text, citations: null }
    case 'toolCall': {
      if (typeof id !== 'string') throw adapterError('PARAPET_ADAPTER_ANSWER_FOREIGN', { stage: part.stage })
      if (kind !== 'tool_use') return String(kind)
      const input: unknown = JSON.parse(part.text)
      return { type: 'tool_use', id, name: name ?? part.toolName, input, caller: { type: 'direct' } }
    }
  }
}
