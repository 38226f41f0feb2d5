import type { MessageInput, Part } from '@parapet/sdk'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Context is never worth an error: what is no JSON is left out of it. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

function partOf(part: unknown): Part[] {
  if (!isObject(part)) return []
  const { type, text, toolCallId, toolName, input, output } = part
  const called = { toolCallId: String(toolCallId), toolName: String(toolName) }
  if ((type === 'text' || type === 'reasoning') && typeof text === 'string') return [{ type, text }]
  if (type === 'tool-call') return [{ type, ...called, input: textOf(input) }]
  if (type === 'tool-result') return [{ type, ...called, output: textOf(output), json: true }]
  return []
}

/**
 * The conversation that the AI SDK gives to a tool, for detectors that read it and for reviewers. It is context and not
 * judged, so what is unknown in it is left out.
 */
export function conversationOf(options: unknown): MessageInput[] {
  const messages = isObject(options) ? options['messages'] : undefined
  if (!Array.isArray(messages)) return []
  return messages.flatMap((message: unknown): MessageInput[] => {
    if (!isObject(message)) return []
    const { role, content } = message
    if (role !== 'system' && role !== 'user' && role !== 'assistant' && role !== 'tool') return []
    if (typeof content === 'string') return [{ role, content }]
    return Array.isArray(content) ? [{ role, content: content.flatMap(partOf) }] : []
  })
}

/** The signal of the AI SDK's execution options. */
export function signalOf(options: unknown): AbortSignal | undefined {
  const signal = isObject(options) ? options['abortSignal'] : undefined
  return signal instanceof AbortSignal ? signal : undefined
}
