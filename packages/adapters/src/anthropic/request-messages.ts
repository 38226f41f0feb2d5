import type { Message, MessageInput, Part } from '@parapet/sdk'
import { isJson, jsonText } from '../wire/json-text.ts'
import { partText } from '../wire/part-text.ts'
import { unknownPart } from '../wire/unknown-part.ts'
import { isObject } from '../wire/wire-object.ts'
import { ATTACHED_BLOCKS, resultShape } from './block-shapes.ts'
import { isSeal, type Shape, visitTexts } from './shape.ts'
import { stripOwn } from './strip-own.ts'

type Block = Record<string, unknown>

/** One judged part, and how a new text of it goes back into the request. */
interface Slot {
  readonly part: Part
  readonly write?: (text: string) => void
}

/** A request as the guard reads it. */
export interface RequestMessages {
  readonly messages: readonly MessageInput[]
  /** Whether something that the provider must not get was taken out. */
  readonly changed: boolean
  /** Writes the texts of the released messages into the request's body; true when one differs. */
  apply(released: readonly Message[]): boolean
}

/**
 * Reads the `system` and `messages` of a request's body, which is the caller's own copy and is written to in place.
 * System texts are the developer's own. @throws PARAPET_ADAPTER_PART_UNKNOWN
 */
export function requestMessages(body: Record<string, unknown>): RequestMessages {
  const { system, messages } = body
  if (!Array.isArray(messages)) throw unknownPart('messages', 'prompt')
  const removed = new Set<unknown>()
  const slots = messages.map((message) => messageSlots(message, removed))
  const withSystem = system !== undefined && system !== null
  const forget = () => {
    for (const message of messages)
      if (Array.isArray(message.content))
        message.content = message.content.filter((block: unknown) => !removed.has(block))
    body['messages'] = messages.filter(({ content }) => content.length > 0)
  }
  const changed = stripOwn(messages) || removed.size > 0
  if (removed.size > 0) forget()

  return {
    messages: [
      ...(withSystem ? [{ role: 'system' as const, content: systemText(system) }] : []),
      ...messages.map(({ role }, index) => ({ role, content: (slots[index] ?? []).map(({ part }) => part) })),
    ],
    changed,
    apply(released) {
      let edited = false
      const own = withSystem ? released.slice(1) : released
      for (const [index, message] of own.entries())
        for (const [place, part] of message.parts.entries()) {
          const slot = slots[index]?.[place]
          const text = partText(part)
          if (!slot || text === undefined || text === partText(slot.part)) continue
          slot.write?.(text)
          edited = true
        }
      if (removed.size > 0) forget()
      return edited
    },
  }
}

function systemText(system: unknown): string {
  if (typeof system === 'string') return system
  if (!Array.isArray(system)) throw unknownPart('system', 'prompt')
  return system
    .map((block) => (isObject(block) && typeof block['text'] === 'string' ? block['text'] : ''))
    .join('\n')
}

function messageSlots(message: unknown, removed: Set<unknown>): Slot[] {
  if (!isObject(message)) throw unknownPart('?', 'prompt')
  const { role, content } = message
  if (role !== 'user' && role !== 'assistant' && role !== 'system') throw unknownPart(role, 'prompt')
  if (typeof content === 'string')
    return [
      {
        part: { type: 'text', text: content },
        write: (text) => {
          ;(message as Block)['content'] = text
        },
      },
    ]
  if (!Array.isArray(content)) throw unknownPart('?', 'prompt')
  return content.flatMap((block) => {
    if (!isObject(block)) throw unknownPart('?', 'prompt')
    return blockSlots(block as Block, removed)
  })
}

function blockSlots(block: Block, removed: Set<unknown>): Slot[] {
  const result = resultShape(block)
  if (result) return toolSlots({ block }, 'block', result, block)
  switch (block['type']) {
    case 'text':
    case 'image':
    case 'document':
    case 'search_result':
    case 'container_upload':
      return shapeSlots({ block }, 'block', ATTACHED_BLOCKS, (text) => ({ type: 'text', text }))
    case 'thinking':
      return thinkingSlots(block, removed)
    // Sealed: only the provider can read it. A `fallback` marks where another model took over, and holds no text.
    case 'redacted_thinking':
    case 'fallback':
      return []
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return [
        {
          part: {
            type: 'tool-call',
            toolCallId: String(block['id']),
            toolName: String(block['name']),
            input: jsonText(block['input']),
          },
          write: (text) => {
            block['input'] = JSON.parse(text)
          },
        },
      ]
    case 'tool_result':
      return toolSlots(block, 'content', { textOr: { list: ATTACHED_BLOCKS } }, block)
    default:
      throw unknownPart(block['type'], 'prompt')
  }
}

/** A signed part is refused by its provider when it was edited: it goes whole or not at all. So does one without a signature. */
function thinkingSlots(block: Block, removed: Set<unknown>): Slot[] {
  if (!isSeal(block['signature'])) {
    removed.add(block)
    return []
  }
  return shapeSlots(
    { block },
    'block',
    { members: { thinking: 'text' } },
    (text) => ({ type: 'reasoning', text }),
    () => void removed.add(block),
  )
}

function toolSlots(holder: Block, key: string, shape: Shape, block: Block): Slot[] {
  return shapeSlots(holder, key, shape, (output) => ({
    type: 'tool-result',
    toolCallId: String(block['tool_use_id']),
    toolName: 'tool',
    output,
    json: isJson(output),
  }))
}

function shapeSlots(
  holder: Block,
  key: string,
  shape: Shape,
  toPart: (text: string) => Part,
  write?: (text: string) => void,
): Slot[] {
  const slots: Slot[] = []
  visitTexts(
    holder,
    key,
    shape,
    {
      text: (place, text, value) =>
        slots.push({
          part: toPart(text),
          write:
            write ??
            ((edited) => {
              place.holder[place.key] = value ? JSON.parse(edited) : edited
            }),
        }),
      media: (mediaType) => slots.push({ part: { type: 'media', mediaType } }),
    },
    'prompt',
  )
  return slots
}
