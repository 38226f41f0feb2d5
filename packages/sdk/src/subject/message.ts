/** Who a message is from. `system` is the developer's own text: context, never judged. */
export type Role = 'system' | 'user' | 'assistant' | 'tool'

/** A piece of a message. Everything but `media` can be judged; media goes to `onAbstain`. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoning'; readonly text: string }
  /** `input` is the tool's arguments as JSON text. */
  | {
      readonly type: 'tool-call'
      readonly toolCallId: string
      readonly toolName: string
      readonly input: string
    }
  /** `output` is text, or JSON text when `json` is true. */
  | {
      readonly type: 'tool-result'
      readonly toolCallId: string
      readonly toolName: string
      readonly output: string
      readonly json: boolean
    }
  | { readonly type: 'media'; readonly mediaType: string }

/** One message of a conversation, in the form that every adapter translates into. */
export interface Message {
  readonly role: Role
  readonly parts: readonly Part[]
}

/** A message as a caller may write it: a string stands for one text part. */
export interface MessageInput {
  readonly role: Role
  readonly content: string | readonly Part[]
}

/** Completes messages written by a caller. */
export function toMessages(messages: readonly MessageInput[]): Message[] {
  return messages.map(({ role, content }) => ({
    role,
    parts: typeof content === 'string' ? [{ type: 'text', text: content }] : content,
  }))
}
