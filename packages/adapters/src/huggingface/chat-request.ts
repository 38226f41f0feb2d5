import type { Message, Part, Role } from '@parapet/sdk'
import { checkMembers } from '../openai-wire/request-slots.ts'
import { isJson, jsonText } from '../wire/json-text.ts'
import { partText } from '../wire/part-text.ts'
import { unknownPart } from '../wire/unknown-part.ts'
import { isObject, type WireObject } from '../wire/wire-object.ts'
import type { AskedRequest } from './protocol.ts'

type Holder = Record<string, unknown>

/** One judged part, and how a new text of it goes back into the request. */
interface Slot {
  readonly part: Part
  readonly write?: (text: string) => void
}

const ROLES: Readonly<Record<string, Role>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
}

/** Arguments whose text is the developer's own, or for the client alone. Others pass where they can hold no sentence. */
const OWN = new Set(
  'messages model provider accessToken endpointUrl tools tool_choice tool_prompt response_format stop user'.split(
    ' ',
  ),
)
/** The members of a message of each role that are judged. */
const MESSAGE_MEMBERS: Readonly<Record<Role, readonly string[]>> = {
  system: ['content'],
  user: ['content', 'name'],
  assistant: ['content', 'refusal', 'reasoning_content', 'reasoning', 'tool_calls'],
  tool: ['content'],
}

/**
 * Reads the arguments of a chat. They are the caller's own copy, and are written to in place.
 * @throws PARAPET_ADAPTER_PART_UNKNOWN, PARAPET_ADAPTER_REQUEST_REFUSED
 */
export function chatRequest(args: Record<string, unknown>): AskedRequest {
  checkMembers(args, OWN, 'the request')
  const { messages, tools, response_format: format } = args
  if (!Array.isArray(messages)) throw unknownPart('messages', 'prompt')
  const read = messages.map((message) => {
    if (!isObject(message)) throw unknownPart('?', 'prompt')
    const role = typeof message['role'] === 'string' ? ROLES[message['role']] : undefined
    if (!role) throw unknownPart(message['role'], 'prompt')
    checkMembers(message, new Set(MESSAGE_MEMBERS[role]), 'a message')
    return { role, slots: messageSlots(message as Holder, role) }
  })
  const offered = Array.isArray(tools) ? tools.map(functionName) : []
  return {
    messages: read.map(({ role, slots }) => ({ role, content: slots.map(({ part }) => part) })),
    structured: isObject(format) && format['type'] !== 'text',
    toolNames: new Set(offered),
    model: args['model'],
    apply(released) {
      for (const [index, { slots }] of read.entries())
        for (const [place, slot] of slots.entries()) writeBack(slot, released[index]?.parts[place])
      return args
    },
  }
}

const functionName = (tool: unknown): unknown =>
  isObject(tool) && isObject(tool['function']) ? tool['function']['name'] : undefined

function writeBack({ part, write }: Slot, released: Message['parts'][number] | undefined): void {
  const text = released && partText(released)
  if (text !== undefined && text !== partText(part)) write?.(text)
}

function messageSlots(message: Holder, role: Role): Slot[] {
  const toPart = (text: string): Part =>
    role === 'tool'
      ? {
          type: 'tool-result',
          toolCallId: String(message['tool_call_id']),
          toolName: String(message['name'] ?? 'tool'),
          output: text,
          json: isJson(text),
        }
      : { type: 'text', text }
  return [
    ...(role === 'assistant' ? reasoningSlots(message) : []),
    ...contentSlots(message, toPart),
    // The provider reads the name of whoever speaks.
    ...(role === 'user' ? textSlot(message, 'name', toPart) : []),
    ...(role === 'assistant' ? [...textSlot(message, 'refusal', toPart), ...callSlots(message)] : []),
  ]
}

function textSlot(holder: Holder, key: string, toPart: (text: string) => Part): Slot[] {
  const text = holder[key]
  if (text === undefined || text === null) return []
  if (typeof text !== 'string') throw unknownPart('?', 'prompt')
  const write = (edited: string) => {
    holder[key] = edited
  }
  return [{ part: toPart(text), write }]
}

const reasoningSlots = (message: Holder): Slot[] =>
  ['reasoning_content', 'reasoning'].flatMap((key) =>
    textSlot(message, key, (text) => ({ type: 'reasoning', text })),
  )

function contentSlots(message: Holder, toPart: (text: string) => Part): Slot[] {
  const { content } = message
  if (!Array.isArray(content)) return textSlot(message, 'content', toPart)
  return content.flatMap((piece): Slot[] => {
    if (!isObject(piece)) throw unknownPart('?', 'prompt')
    switch (piece['type']) {
      case 'text':
        checkMembers(piece, new Set(['text']), 'a part of a message')
        return textSlot(piece as Holder, 'text', toPart)
      case 'image_url':
        checkMembers(piece, new Set(['image_url']), 'a part of a message')
        return [{ part: { type: 'media', mediaType: 'image/*' } }]
      default:
        throw unknownPart(piece['type'], 'prompt')
    }
  })
}

function callSlots({ tool_calls: calls }: Holder): Slot[] {
  if (calls === undefined || calls === null) return []
  if (!Array.isArray(calls)) throw unknownPart('tool_calls', 'prompt')
  return calls.map((call: unknown) => {
    const called: WireObject | undefined =
      isObject(call) && isObject(call['function']) ? call['function'] : undefined
    if (!called || !isObject(call)) throw unknownPart('tool_calls', 'prompt')
    // An earlier answer says `arguments`, the client's own type `parameters`.
    const key = called['arguments'] === undefined ? 'parameters' : 'arguments'
    const given = called[key]
    checkMembers(call, new Set(['function']), 'a tool call')
    checkMembers(called, new Set([key]), 'a tool call')
    const text = typeof given === 'string' ? given : jsonText(given)
    return {
      part: {
        type: 'tool-call',
        toolCallId: String(call['id']),
        toolName: String(called['name']),
        input: text,
      },
      write: (edited) => {
        ;(called as Holder)[key] = typeof given === 'string' ? edited : JSON.parse(edited)
      },
    }
  })
}
