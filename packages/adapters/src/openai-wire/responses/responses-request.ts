import { adapterError } from '../../errors/codes.ts'
import { entryOf, type Json, listOf, objectOf, textOf } from '../json-value.ts'
import { judgedMembers, readsAsJson } from '../judged-json.ts'
import {
  type AskedRequest,
  checkMembers,
  createRequestSlots,
  objectIn,
  type RequestSlots,
  unknownPart,
} from '../request-slots.ts'
import { ITEM_MEMBERS } from './item-members.ts'
import { addContent, addText } from './request-content.ts'

/** Members whose text is the developer's own, or that the model does not read. */
const OWN = new Set(
  `input model instructions tools tool_choice text reasoning metadata prompt include stream_options moderation
  context_management image user safety_identifier prompt_cache_key`.split(/\s+/),
)
const REASONING = new Set(['summary', 'content', 'encrypted_content'])

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_REQUEST_MALFORMED', { issue })
const refused = (feature: string, instead: string) =>
  adapterError('PARAPET_ADAPTER_REQUEST_REFUSED', { feature, instead })

const isGiven = (value: unknown) => value !== undefined && value !== null && value !== false

/** What would bring in text that the guard has not read, or take an answer out past it. */
function refuseUnseen(body: Json): void {
  const sends = 'Send the conversation itself as input.'
  if (isGiven(body['previous_response_id'])) throw refused('previous_response_id', sends)
  if (isGiven(body['conversation'])) throw refused('conversation', sends)
  if (isGiven(body['background'])) throw refused('background', 'Wait for the answer, or stream it.')
}

const ROLES: Readonly<Record<string, 'user' | 'assistant' | 'system'>> = {
  user: 'user',
  assistant: 'assistant',
  system: 'system',
  developer: 'system',
}

function addMessage(slots: RequestSlots, item: Json): void {
  checkMembers(item, new Set(['content']), 'a message')
  const role = entryOf(ROLES, item['role'])
  if (!role) throw unknownPart(item['role'], 'prompt')
  slots.begin(role)
  addContent(slots, item, 'content', (object, name) => addText(slots, object, name))
}

function partsIn(item: Json, member: string): readonly unknown[] {
  const parts = item[member]
  if (isGiven(parts) && !Array.isArray(parts)) throw malformed(`the ${member} of reasoning is no list`)
  return listOf(parts)
}

/** Reasoning that the provider sealed is refused by it when it was edited: it goes whole or not at all. */
function addReasoning(slots: RequestSlots, item: Json, drop: () => void): void {
  checkMembers(item, REASONING, 'a reasoning item')
  const sealed = typeof item['encrypted_content'] === 'string'
  slots.begin('assistant')
  for (const given of [...partsIn(item, 'summary'), ...partsIn(item, 'content')]) {
    const part = objectIn(given, 'a part of reasoning')
    const text = textOf(part['text'])
    checkMembers(part, new Set(['type', 'text']), 'a part of reasoning')
    if (text === undefined) throw malformed('a part of reasoning has no text')
    slots.add({ type: 'reasoning', text }, (edited) => {
      if (sealed) drop()
      else part['text'] = edited
    })
  }
}

function addCall(slots: RequestSlots, item: Json, names: Map<string, string>): void {
  delete item['parsed_arguments']
  const custom = item['type'] === 'custom_tool_call'
  const member = custom ? 'input' : 'arguments'
  checkMembers(item, new Set([member]), 'a tool call')
  const text = item[member]
  if (typeof text !== 'string') throw malformed('the arguments of a tool call are no text')
  const toolCallId = textOf(item['call_id']) ?? ''
  const toolName = textOf(item['name']) ?? ''
  names.set(toolCallId, toolName)
  slots.begin('assistant')
  slots.add(
    { type: 'tool-call', toolCallId, toolName, input: custom ? JSON.stringify(text) : text },
    (edited) => {
      item[member] = custom ? JSON.parse(edited) : edited
    },
  )
}

function addCallOutput(slots: RequestSlots, item: Json, names: ReadonlyMap<string, string>): void {
  checkMembers(item, new Set(['output']), 'the output of a tool')
  const toolCallId = textOf(item['call_id']) ?? ''
  const toolName = names.get(toolCallId) ?? 'unknown'
  slots.begin('tool')
  addContent(slots, item, 'output', (object, name) => {
    const output = object[name]
    if (typeof output !== 'string') throw malformed('the output of a tool is no text')
    slots.add({ type: 'tool-result', toolCallId, toolName, output, json: readsAsJson(output) }, (edited) => {
      object[name] = edited
    })
  })
}

/** An item of a tool that the provider ran. */
function addOther(slots: RequestSlots, item: Json, type: string): void {
  const members = entryOf(ITEM_MEMBERS, type)
  if (!members) throw unknownPart(type, 'prompt')
  const { call = [], result = [], media } = members
  checkMembers(item, new Set([...call, ...result, ...(media ? [media] : [])]), type)
  const place = { toolCallId: textOf(item['id']) ?? '', toolName: type }
  slots.begin('assistant')
  const called = judgedMembers(item, call)
  if (called)
    slots.add({ type: 'tool-call', ...place, input: called.text }, (edited) => {
      Object.assign(item, called.restore(edited))
    })
  const returned = judgedMembers(item, result)
  if (returned)
    slots.add({ type: 'tool-result', ...place, output: returned.text, json: true }, (edited) => {
      Object.assign(item, returned.restore(edited))
    })
  if (media && isGiven(item[media])) slots.add({ type: 'media', mediaType: 'application/octet-stream' })
}

function addItem(slots: RequestSlots, item: Json, names: Map<string, string>, drop: () => void): void {
  const type = textOf(item['type']) ?? (item['role'] === undefined ? 'item_reference' : 'message')
  switch (type) {
    case 'message':
      addMessage(slots, item)
      break
    case 'reasoning':
      addReasoning(slots, item, drop)
      break
    case 'function_call':
    case 'custom_tool_call':
      addCall(slots, item, names)
      break
    case 'function_call_output':
    case 'custom_tool_call_output':
      addCallOutput(slots, item, names)
      break
    case 'item_reference':
      throw refused('item_reference', 'Send the item itself.')
    default:
      addOther(slots, item, type)
      break
  }
}

/** What is put into a stored prompt of the developer's. */
function addVariables(slots: RequestSlots, body: Json): void {
  if (!isGiven(body['prompt'])) return
  const prompt = objectIn(body['prompt'], 'prompt')
  checkMembers(prompt, new Set(['variables']), 'prompt')
  if (!isGiven(prompt['variables'])) return
  const variables = objectIn(prompt['variables'], 'the variables of a prompt')
  slots.begin('user')
  for (const [name, value] of Object.entries(variables)) {
    if (typeof value === 'string') addText(slots, variables, name)
    else
      addContent(slots, { content: [value] }, 'content', (object, member) => addText(slots, object, member))
  }
}

const toolNames = ({ tools }: Json): ReadonlySet<string> =>
  new Set(listOf(tools).flatMap((tool) => textOf(objectOf(tool)['name']) ?? []))

/** What the answer repeats of the request: as the developer wrote it, and not as the provider says it was. */
const echoOf = (body: Json): Json => ({
  instructions: body['instructions'] ?? null,
  max_output_tokens: body['max_output_tokens'] ?? null,
  metadata: body['metadata'] ?? {},
  parallel_tool_calls: body['parallel_tool_calls'] ?? true,
  previous_response_id: null,
  reasoning: body['reasoning'] ?? { effort: null, summary: null },
  store: body['store'] ?? true,
  temperature: body['temperature'] ?? null,
  text: body['text'] ?? { format: { type: 'text' } },
  tool_choice: body['tool_choice'] ?? 'auto',
  tools: body['tools'] ?? [],
  top_p: body['top_p'] ?? null,
  truncation: body['truncation'] ?? 'disabled',
})

/** Reads the body of `POST …/responses`. */
export function responsesRequest(body: Json): AskedRequest {
  refuseUnseen(body)
  checkMembers(body, OWN, 'the request')
  const slots = createRequestSlots()
  const names = new Map<string, string>()
  const dropped = new Set<unknown>()
  if (isGiven(body['instructions'])) {
    if (typeof body['instructions'] !== 'string') throw malformed('instructions is no text')
    slots.begin('system')
    addText(slots, body, 'instructions')
  }
  const { input } = body
  if (typeof input === 'string') {
    slots.begin('user')
    addText(slots, body, 'input')
  } else if (isGiven(input) && !Array.isArray(input)) throw malformed('input is neither text nor a list')
  for (const given of listOf(input)) {
    const item = objectIn(given, 'an item of the input')
    addItem(slots, item, names, () => dropped.add(item))
  }
  addVariables(slots, body)
  const format = textOf(objectOf(objectOf(body['text'])['format'])['type']) ?? 'text'
  return {
    messages: slots.messages,
    streams: body['stream'] === true,
    structured: format !== 'text',
    toolNames: toolNames(body),
    choices: 1,
    model: textOf(body['model']) ?? '',
    audioFormat: '*',
    echo: echoOf(body),
    apply(released) {
      slots.write(released)
      if (dropped.size > 0) body['input'] = listOf(input).filter((item) => !dropped.has(item))
      return body
    },
  }
}
