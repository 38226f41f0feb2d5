import type { ChatMessage } from '@parapet/runtime'
import type { Message, Part } from '@parapet/sdk'

/**
 * What of a conversation the sentinel reads: the texts of user and assistant, one message a turn, a user's first.
 * The app's system prompt is left out: directions are calibrated under the template's own.
 */
export function conversationTurns(conversation: readonly Message[]): ChatMessage[] {
  const turns: { role: 'user' | 'assistant'; content: string }[] = []
  for (const { role, parts } of conversation) {
    if (role !== 'user' && role !== 'assistant') continue
    const content = parts.flatMap(textOf).join('\n\n')
    const before = turns.at(-1)
    if (content === '' || (before === undefined && role === 'assistant')) continue
    if (before?.role === role) before.content = `${before.content}\n\n${content}`
    else turns.push({ role, content })
  }
  return turns
}

function textOf(part: Part): string[] {
  return part.type === 'text' && part.text !== '' ? [part.text] : []
}
