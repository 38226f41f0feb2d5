import type { Answer } from '@parapet/sdk'
import type OpenAI from 'openai'
import { missingMedia, storedParts } from './stored-parts.ts'

/** A held answer that was approved, as the choices of a chat completion. */
export interface ResumedCompletion {
  readonly choices: readonly {
    readonly index: number
    readonly message: OpenAI.ChatCompletionMessage & { readonly reasoning_content?: string }
    /** `tool_calls` when the answer waits for tools of the app to run, `stop` otherwise. */
    readonly finish_reason: 'stop' | 'tool_calls' | 'function_call'
  }[]
  /** Media types of parts that are not stored, and so are not in the messages. */
  readonly missing: readonly string[]
}

type Message = ResumedCompletion['choices'][number]['message']

/**
 * Turns the answer that `guard.resume(ticket)` found into choices, edits applied. Stored answers hold no media and no
 * citations; what was said aloud is the message's text.
 * @throws PARAPET_ADAPTER_ANSWER_FOREIGN when another adapter stored the answer
 */
export function resumedCompletion({ answer }: { readonly answer: Answer }): ResumedCompletion {
  const messages = new Map<number, Message>()
  for (const part of storedParts(answer)) {
    if (part.kind === 'item') continue
    const before = messages.get(part.choice) ?? { role: 'assistant', content: null, refusal: null }
    messages.set(part.choice, withPart(before, part))
  }
  const choices = [...messages].sort(([a], [b]) => a - b)
  return {
    choices: choices.map(([index, message]) => ({
      index,
      message,
      finish_reason: message.tool_calls ? 'tool_calls' : message.function_call ? 'function_call' : 'stop',
    })),
    missing: missingMedia(answer),
  }
}

type ChatPart = Exclude<ReturnType<typeof storedParts>[number], { kind: 'item' }>

function withPart(message: Message, part: ChatPart): Message {
  switch (part.kind) {
    case 'reasoning':
      return { ...message, reasoning_content: (message.reasoning_content ?? '') + part.text }
    case 'text': {
      const member = part.member === 'refusal' ? 'refusal' : 'content'
      return { ...message, [member]: (message[member] ?? '') + part.text }
    }
    case 'call': {
      const { type, id, name, text } = part
      if (id === undefined) return { ...message, function_call: { name, arguments: text } }
      const call: OpenAI.ChatCompletionMessageToolCall =
        type === 'custom'
          ? { id, type, custom: { name, input: text } }
          : { id, type, function: { name, arguments: text } }
      return { ...message, tool_calls: [...(message.tool_calls ?? []), call] }
    }
  }
}
