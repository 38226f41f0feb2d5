import type { MessageInput, Part, Role } from '@parapet/sdk'
import type { LitellmRequest } from './wire.ts'

/** Where one of LiteLLM's texts stands among the messages. */
export interface Place {
  readonly message: number
  readonly part: number
}

/** A request of LiteLLM in the guard's form. */
export interface RequestMessages {
  readonly messages: readonly MessageInput[]
  /** Of each text, in order. */
  readonly places: readonly Place[]
}

type Row = NonNullable<LitellmRequest['structured_messages']>[number]
type ToolCall = NonNullable<LitellmRequest['tool_calls']>[number]

/** OpenAI's roles in ours. What has another role is judged as a user's. */
const ROLES: Readonly<Record<string, Role>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
}
const roleOf = (role: string): Role => (Object.hasOwn(ROLES, role) ? ROLES[role] : undefined) ?? 'user'

/** The texts of a row as LiteLLM takes them out: a string, or the `text` of each of its blocks. */
function textsOf({ content }: Row): string[] {
  if (typeof content === 'string') return [content]
  return (content ?? []).flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
}

export const toolCallPart = (call: ToolCall): Part => ({
  type: 'tool-call',
  toolCallId: call.id ?? '',
  toolName: call.function?.name ?? '',
  input: call.function?.arguments ?? '',
})

/**
 * The texts by the roles of their rows, where the rows have exactly these texts. Where they do not, nothing says whose a
 * text is, and each is judged as a user's.
 */
function textMessages(texts: readonly string[], rows: readonly Row[]): RequestMessages {
  const taken = rows.flatMap(textsOf)
  const fits = taken.length === texts.length && taken.every((text, index) => text === texts[index])
  const messages: MessageInput[] = []
  const places: Place[] = []
  for (const { role, of } of fits
    ? rows.map((row) => ({ role: roleOf(row.role), of: textsOf(row) }))
    : texts.map((text) => ({ role: 'user' as const, of: [text] }))) {
    for (const part of of.keys()) places.push({ message: messages.length, part })
    if (of.length > 0) messages.push({ role, content: of.map((text): Part => ({ type: 'text', text })) })
  }
  return { messages, places }
}

/** Everything that LiteLLM sends of a request: texts with their roles, tool calls of the history, images. */
export function requestMessages(request: LitellmRequest): RequestMessages {
  const { messages, places } = textMessages(request.texts ?? [], request.structured_messages ?? [])
  const calls =
    request.tool_calls ?? (request.structured_messages ?? []).flatMap((row) => row.tool_calls ?? [])
  const images = request.images ?? []
  return {
    places,
    messages: [
      ...messages,
      ...(calls.length === 0 ? [] : [{ role: 'assistant', content: calls.map(toolCallPart) } as const]),
      ...(images.length === 0
        ? []
        : [
            {
              role: 'user',
              content: images.map((): Part => ({ type: 'media', mediaType: 'image/*' })),
            } as const,
          ]),
    ],
  }
}
