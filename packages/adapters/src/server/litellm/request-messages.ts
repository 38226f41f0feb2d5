import type { MessageInput, Part, Role } from '@parapet/sdk'
import { type ReadCall, readToolCall } from './tool-call.ts'
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
  /** Whether a tool call has a shape that is not known. */
  readonly unknownCall: boolean
}

type Row = NonNullable<LitellmRequest['structured_messages']>[number]

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

/** Blocks that LiteLLM hands over nowhere: audio, files, and whatever comes next. Images have a list of their own. */
function isUnreadable({ type, text }: { readonly type?: unknown; readonly text?: unknown }): boolean {
  return typeof text !== 'string' && type !== 'image_url'
}

/** The texts of a row as LiteLLM takes them out: a string, or the `text` of each of its blocks. */
function textsOf({ content }: Row): string[] {
  if (typeof content === 'string') return [content]
  return (content ?? []).flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
}

const toolCallPart = ({ id, name, input }: ReadCall): Part => ({
  type: 'tool-call',
  toolCallId: id,
  toolName: name,
  input,
})

/** A text for each string, in one message of a role. */
const textMessage = (role: Role, texts: readonly string[]): MessageInput => ({
  role,
  content: texts.map((text): Part => ({ type: 'text', text })),
})

/**
 * The texts by the roles of their rows, where the rows have exactly these texts. Where they do not, nothing says whose a
 * text is, and each is judged as a user's. Rows without texts beside them are judged, and cannot be edited.
 */
function textMessages(
  texts: readonly string[] | undefined,
  rows: readonly Row[],
): Pick<RequestMessages, 'messages' | 'places'> {
  const taken = rows.flatMap(textsOf)
  const fits = taken.length === texts?.length && taken.every((text, index) => text === texts[index])
  const messages =
    fits || texts === undefined
      ? rows
          .filter((row) => textsOf(row).length > 0)
          .map((row) => textMessage(roleOf(row.role), textsOf(row)))
      : texts.map((text) => textMessage('user', [text]))
  const places = messages.flatMap(({ content }, message) =>
    [...content].map((_, part): Place => ({ message, part })),
  )
  return { messages, places: texts === undefined ? [] : places }
}

/** Everything that LiteLLM sends of a request: texts with their roles, tool calls of the history, what nobody can read. */
export function requestMessages(request: LitellmRequest): RequestMessages {
  const rows = request.structured_messages ?? []
  const { messages, places } = textMessages(request.texts ?? undefined, rows)
  const named = request.tool_calls ?? []
  const given = named.length > 0 ? named : rows.flatMap((row) => row.tool_calls ?? [])
  const calls = given.flatMap((call) => readToolCall(call) ?? [])
  const blocks = rows.flatMap(({ content }) => (Array.isArray(content) ? content.filter(isUnreadable) : []))
  const media = [
    ...(request.images ?? []).map(() => 'image/*'),
    ...blocks.map(() => 'application/octet-stream'),
  ]
  const rest: MessageInput[] = [
    { role: 'assistant', content: calls.map(toolCallPart) },
    { role: 'user', content: media.map((mediaType): Part => ({ type: 'media', mediaType })) },
  ]
  return {
    places,
    messages: [...messages, ...rest.filter(({ content }) => content.length > 0)],
    unknownCall: calls.length < given.length,
  }
}
