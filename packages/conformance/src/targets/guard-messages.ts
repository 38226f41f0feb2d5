import type { MessageInput } from '@parapet/sdk'
import type { CallRequest } from '../kit/target.ts'

/** A request in the form that a guard takes. */
export function messagesOf({ prompt, toolResult }: CallRequest): MessageInput[] {
  const user: MessageInput = { role: 'user', content: prompt }
  if (toolResult === undefined) return [user]
  const named = { toolCallId: 'call_kit0', toolName: 'note' }
  return [
    user,
    { role: 'assistant', content: [{ type: 'tool-call', ...named, input: '{"text":"x"}' }] },
    { role: 'tool', content: [{ type: 'tool-result', ...named, output: toolResult, json: false }] },
  ]
}
