import { adapterError } from '../../errors/codes.ts'
import { addFile } from '../inline-file.ts'
import { entryOf, type Json, listOf, objectOf, textOf } from '../json-value.ts'
import { readsAsJson } from '../judged-json.ts'
import {
  type AskedRequest,
  checkMembers,
  createRequestSlots,
  objectIn,
  type RequestSlots,
  unknownPart,
} from '../request-slots.ts'

/** Members whose text is the developer's own, as system messages and tools are, or that the model does not read. */
const OWN = new Set(
  `messages model tools tool_choice functions function_call response_format metadata stop store moderation
  web_search_options stream_options audio modalities prediction user safety_identifier prompt_cache_key`.split(
    /\s+/,
  ),
)
/** The members of a message of each role that are judged. Others pass where they can hold no sentence. */
const MESSAGE_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  system: ['content'],
  developer: ['content'],
  user: ['content', 'name'],
  assistant: 'content name refusal reasoning_content reasoning audio tool_calls function_call'.split(' '),
  tool: ['content'],
  function: ['content'],
}
/** What clients add to an answer, and apps send back with it. The provider has no use for it. */
const OF_ANSWERS = ['annotations', 'parsed', 'reasoning_details'] as const

/** The one member that a part of each kind has. */
const PART_MEMBERS = {
  text: 'text',
  refusal: 'refusal',
  image_url: 'image_url',
  input_audio: 'input_audio',
  file: 'file',
} as const

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_REQUEST_MALFORMED', { issue })

/** Adds a text, and the way back to the member it stands in. */
function addText(
  slots: RequestSlots,
  object: Json,
  member: string,
  type: 'text' | 'reasoning' = 'text',
): void {
  const text = object[member]
  if (text === undefined || text === null) return
  if (typeof text !== 'string') throw malformed(`${member} of a message is no text`)
  slots.add({ type, text }, (edited) => {
    object[member] = edited
  })
}

function addToolResult(
  slots: RequestSlots,
  object: Json,
  member: string,
  tool: { readonly toolCallId: string; readonly toolName: string },
): void {
  const output = object[member]
  if (typeof output !== 'string') throw malformed('the content of a tool message is no text')
  slots.add({ type: 'tool-result', ...tool, output, json: readsAsJson(output) }, (edited) => {
    object[member] = edited
  })
}

/** The parts of a message's content. What is no text is media, which nothing here can read. */
function addContent(slots: RequestSlots, message: Json, add: (part: Json, member: string) => void): void {
  const { content } = message
  if (content === undefined || content === null) return
  if (typeof content === 'string') {
    add(message, 'content')
    return
  }
  if (!Array.isArray(content)) throw malformed('the content of a message is neither text nor a list')
  for (const given of content) {
    const part = objectIn(given, 'a part of a message')
    const member = entryOf(PART_MEMBERS, part['type'])
    checkMembers(part, new Set(['type', member ?? 'type']), 'a part of a message')
    switch (member) {
      case 'text':
      case 'refusal':
        add(part, member)
        break
      case 'image_url':
        slots.add({ type: 'media', mediaType: 'image/*' })
        break
      case 'input_audio':
        slots.add({ type: 'media', mediaType: 'audio/*' })
        break
      case 'file': {
        const file = objectIn(part['file'], 'a file of a message')
        addFile(slots, file, () => addText(slots, file, 'filename'))
        break
      }
      default:
        throw unknownPart(part['type'], 'prompt')
    }
  }
}

function callText(given: unknown): string {
  if (given === undefined || given === null) return ''
  if (typeof given === 'string') return given
  throw malformed('the arguments of a tool call are no text')
}

function addCalls(slots: RequestSlots, message: Json, names: Map<string, string>): void {
  const { tool_calls: calls, function_call: legacy } = message
  if (calls !== undefined && calls !== null && !Array.isArray(calls)) throw malformed('tool_calls is no list')
  for (const given of listOf(calls)) {
    const call = objectIn(given, 'a tool call')
    const toolCallId = textOf(call['id']) ?? ''
    const type = call['type'] ?? 'function'
    if (type !== 'function' && type !== 'custom') throw unknownPart(type, 'prompt')
    const custom = type === 'custom'
    const member = custom ? 'input' : 'arguments'
    const own = objectIn(call[type], 'what a tool call calls')
    delete own['parsed_arguments']
    checkMembers(call, new Set([type]), 'a tool call')
    checkMembers(own, new Set([member]), 'a tool call')
    const toolName = textOf(own['name']) ?? ''
    names.set(toolCallId, toolName)
    const text = callText(own[member])
    slots.add(
      { type: 'tool-call', toolCallId, toolName, input: custom ? JSON.stringify(text) : text },
      (edited) => {
        own[member] = custom ? JSON.parse(edited) : edited
      },
    )
  }
  if (legacy === undefined || legacy === null) return
  const own = objectIn(legacy, 'a function call')
  checkMembers(own, new Set(['arguments']), 'a function call')
  const toolName = textOf(own['name']) ?? ''
  slots.add(
    { type: 'tool-call', toolCallId: toolName, toolName, input: callText(own['arguments']) },
    (edited) => {
      own['arguments'] = edited
    },
  )
}

/** What was said before stands at the provider, which needs its id alone: a transcript beside it would go unread. */
function addEarlierAudio(slots: RequestSlots, message: Json): void {
  const { audio } = message
  if (audio === undefined || audio === null) return
  const { id } = objectIn(audio, 'the audio of a message')
  message['audio'] = { id }
  slots.add({ type: 'media', mediaType: 'audio/*' })
}

function addMessage(slots: RequestSlots, message: Json, names: Map<string, string>): void {
  for (const member of OF_ANSWERS) delete message[member]
  const { role } = message
  const known = entryOf(MESSAGE_MEMBERS, role)
  if (!known) throw unknownPart(role, 'prompt')
  checkMembers(message, new Set(known), 'a message')
  switch (role) {
    case 'system':
    case 'developer':
      slots.begin('system')
      addContent(slots, message, (part, member) => addText(slots, part, member))
      break
    case 'user':
      slots.begin('user')
      addText(slots, message, 'name')
      addContent(slots, message, (part, member) => addText(slots, part, member))
      break
    case 'assistant':
      slots.begin('assistant')
      addText(slots, message, 'name')
      addText(slots, message, 'reasoning_content', 'reasoning')
      addText(slots, message, 'reasoning', 'reasoning')
      addContent(slots, message, (part, member) => addText(slots, part, member))
      addText(slots, message, 'refusal')
      addEarlierAudio(slots, message)
      addCalls(slots, message, names)
      break
    default: {
      slots.begin('tool')
      const toolCallId = textOf(message['tool_call_id']) ?? textOf(message['name']) ?? ''
      const toolName = names.get(toolCallId) ?? textOf(message['name']) ?? 'unknown'
      addContent(slots, message, (part, member) =>
        addToolResult(slots, part, member, { toolCallId, toolName }),
      )
    }
  }
}

/** Text that the model is told to expect of itself. */
function addPrediction(slots: RequestSlots, { prediction }: Json): void {
  if (prediction === undefined || prediction === null) return
  slots.begin('assistant')
  addContent(slots, objectIn(prediction, 'prediction'), (part, member) => addText(slots, part, member))
}

function choicesOf({ n }: Json): number {
  if (n === undefined || n === null) return 1
  if (typeof n === 'number' && Number.isInteger(n) && n >= 1 && n <= 128) return n
  throw malformed('n is no whole number from 1 to 128')
}

const toolNames = ({ tools, functions }: Json): ReadonlySet<string> =>
  new Set(
    [...listOf(tools), ...listOf(functions)].flatMap((given) => {
      const tool = objectOf(given)
      const named = objectOf(tool['function'] ?? tool['custom'] ?? tool)
      return textOf(named['name']) ?? []
    }),
  )

/** Reads the body of `POST …/chat/completions`. */
export function chatRequest(body: Json): AskedRequest {
  checkMembers(body, OWN, 'the request')
  if (!Array.isArray(body['messages'])) throw malformed('messages is no list')
  const slots = createRequestSlots()
  const names = new Map<string, string>()
  for (const message of body['messages']) addMessage(slots, objectIn(message, 'a message'), names)
  addPrediction(slots, body)
  const format = textOf(objectOf(body['response_format'])['type']) ?? 'text'
  return {
    messages: slots.messages,
    streams: body['stream'] === true,
    structured: format !== 'text',
    toolNames: toolNames(body),
    choices: choicesOf(body),
    model: textOf(body['model']) ?? '',
    audioFormat: textOf(objectOf(body['audio'])['format']) ?? '*',
    echo: {},
    apply(released) {
      slots.write(released)
      return body
    },
  }
}
