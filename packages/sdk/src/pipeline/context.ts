import type { Message, Part } from '../subject/message.ts'

function textOf(part: Part): string {
  if (part.type === 'text' || part.type === 'reasoning') return part.text
  if (part.type === 'tool-call') return part.input
  if (part.type === 'tool-result') return part.output
  return ''
}

/** Cuts a part to its last `characters`. */
function tail(part: Part, characters: number): Part {
  if (part.type === 'text' || part.type === 'reasoning')
    return { ...part, text: part.text.slice(-characters) }
  if (part.type === 'tool-call') return { ...part, input: part.input.slice(-characters) }
  if (part.type === 'tool-result') return { ...part, output: part.output.slice(-characters), json: false }
  return part
}

/** The end of a conversation, at most `characters` UTF-16 units of text: bounded, so that cost stays linear in the turns. */
export function boundedConversation(conversation: readonly Message[], characters: number): Message[] {
  const kept: Message[] = []
  let left = characters
  for (let index = conversation.length - 1; index >= 0 && left > 0; index--) {
    const message = conversation[index] as Message
    const parts: Part[] = []
    for (let at = message.parts.length - 1; at >= 0 && left > 0; at--) {
      const part = message.parts[at] as Part
      parts.unshift(tail(part, left))
      left -= textOf(part).length
    }
    kept.unshift({ ...message, parts })
  }
  return kept
}
