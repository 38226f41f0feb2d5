import { matching, NAME } from '../../answer/known-forms.ts'
import { type Json, numberOf } from '../json-value.ts'
import type { Ending } from '../parts.ts'
import { parapetMember, type WireEvent } from '../protocol.ts'
import type { AskedRequest } from '../request-slots.ts'
import { knownUsage } from '../wire-usage.ts'
import { itemClosing, textClosing, textDelta, textOpening } from './item-events.ts'
import type { Finish, PartKind, WrittenItem, WrittenText } from './written-item.ts'

/** Writes what was released, as events and as one response. Every member of either is made here. */
export interface ResponsesWriter {
  /** What the answer says of itself. */
  head(given: Json): void
  /** Begins an item, unless it has begun. */
  begin(key: string, base: Json): WrittenItem
  text(key: string, base: Json, part: { kind: PartKind; index: number; text: string }): void
  annotation(key: string, base: Json, index: number, annotation: Json): void
  call(key: string, call: { item: Json; member: 'arguments' | 'input'; text: string }): void
  whole(key: string, item: Json): void
  /** Nothing of the item is still to come: it is closed when the next one begins. */
  ended(key: string, finish: () => Finish): void
  /** Why the provider ended the answer. */
  status(given: Json): void
  end(ending: Ending): void
  drain(): WireEvent[]
  body(): Json
}

const INCOMPLETE = ['max_output_tokens', 'content_filter']

export function createResponsesWriter(asked: AskedRequest): ResponsesWriter {
  const items = new Map<string, WrittenItem>()
  const finishes = new Map<string, () => Finish>()
  const events: WireEvent[] = []
  let sequence = 0
  let heading: Json | undefined
  let used: Json | undefined
  let decided: Json = {}
  let incomplete: string | undefined

  function emit(type: string, members: Json): void {
    events.push({ event: type, data: { type, sequence_number: sequence++, ...members } })
  }

  function head(given: Json): void {
    if (heading) return
    heading = {
      id:
        matching(/^[\w.:-]{1,128}$/, given['id']) ??
        `resp_parapet_${crypto.randomUUID().replaceAll('-', '')}`,
      object: 'response',
      created_at: numberOf(given['created_at']) ?? Math.floor(Date.now() / 1000),
      model: matching(NAME, given['model']) ?? matching(NAME, asked.model) ?? 'unknown',
      ...asked.echo,
      service_tier: matching(NAME, given['service_tier']) ?? null,
    }
    const response = { ...heading, status: 'in_progress', error: null, incomplete_details: null, output: [] }
    emit('response.created', { response })
    emit('response.in_progress', { response })
  }

  function close(item: WrittenItem): void {
    if (item.closed) return
    const { members = {}, rests = [] } = item.finish?.() ?? {}
    for (const rest of rests) writeText(item, rest)
    for (const text of item.texts.values())
      for (const [type, event] of textClosing(item, text)) emit(type, event)
    item.closed = itemClosing(item, members)
    emit('response.output_item.done', { output_index: item.place, item: item.closed })
  }

  function begin(key: string, base: Json): WrittenItem {
    const known = items.get(key)
    if (known) return known
    for (const [other, item] of items) {
      item.finish ??= finishes.get(other)
      if (item.finish) close(item)
    }
    const item: WrittenItem = {
      place: items.size,
      base,
      texts: new Map(),
      finish: undefined,
      closed: undefined,
    }
    items.set(key, item)
    const shown =
      base['type'] === 'message'
        ? { ...base, status: 'in_progress', content: [] }
        : base['type'] === 'reasoning'
          ? { ...base, summary: [] }
          : base
    emit('response.output_item.added', { output_index: item.place, item: shown })
    return item
  }

  function writeText(
    item: WrittenItem,
    { kind, index, text }: { kind: PartKind; index: number; text: string },
  ): void {
    if (text === '') return
    const name = `${kind} ${index}`
    const known = item.texts.get(name)
    const own: WrittenText = known ?? { kind, place: placeIn(item, kind), text: '', annotations: [] }
    if (!known) {
      item.texts.set(name, own)
      for (const [type, event] of textOpening(item, own)) emit(type, event)
    }
    own.text += text
    const [type, event] = textDelta(item, own, text)
    emit(type, event)
  }

  /** The message for end users: a message of its own, or a refusal where a text would have to be JSON. */
  function filter(message: string): void {
    incomplete = 'content_filter'
    for (const item of items.values()) close(item)
    const id = `msg_parapet_${crypto.randomUUID().replaceAll('-', '')}`
    const item = begin('parapet', { id, type: 'message', role: 'assistant' })
    writeText(item, { kind: asked.structured ? 'refusal' : 'output_text', index: 0, text: message })
    item.finish = () => ({ members: {}, rests: [] })
  }

  const body = (): Json => ({
    ...heading,
    status: incomplete === undefined ? 'completed' : 'incomplete',
    error: null,
    incomplete_details: incomplete === undefined ? null : { reason: incomplete },
    output: [...items.values()].map(({ closed }) => closed),
    ...(used ? { usage: used } : {}),
    ...decided,
  })

  return {
    head,
    begin,
    text(key, base, part) {
      if (part.text !== '') writeText(begin(key, base), part)
    },
    annotation(key, base, index, annotation) {
      begin(key, base).texts.get(`output_text ${index}`)?.annotations.push(annotation)
    },
    call(key, { item: given, member, text }) {
      const kind = member === 'input' ? 'custom_tool_call_input' : 'function_call_arguments'
      const item = begin(key, { ...given, status: 'in_progress', [member]: '' })
      const at = { item_id: given['id'], output_index: item.place }
      emit(`response.${kind}.delta`, { ...at, delta: text })
      const name = member === 'input' ? {} : { name: given['name'] }
      emit(`response.${kind}.done`, { ...at, ...name, [member]: text })
      item.closed = { ...given, [member]: text }
      emit('response.output_item.done', { output_index: item.place, item: item.closed })
    },
    whole(key, given) {
      const item = begin(key, given)
      item.closed = given
      emit('response.output_item.done', { output_index: item.place, item: given })
    },
    ended: (key, finish) => void finishes.set(key, finish),
    status({ status, incomplete_details: details, usage }) {
      used = knownUsage(usage)
      if (status !== 'incomplete') return
      const reason = (details as Json | null)?.['reason']
      incomplete = INCOMPLETE.find((known) => known === reason) ?? 'max_output_tokens'
    },
    end({ kind, decision, message = '', ticket }) {
      head({})
      decided = parapetMember({ decision, ...(ticket === undefined ? {} : { ticket }) })
      for (const [key, item] of items) item.finish ??= finishes.get(key)
      if (kind === 'filtered') filter(message)
      for (const item of items.values()) close(item)
      emit(incomplete === undefined ? 'response.completed' : 'response.incomplete', { response: body() })
    },
    drain: () => events.splice(0),
    body,
  }
}

/** Summaries are counted apart from the other texts of an item. */
const placeIn = ({ texts }: WrittenItem, kind: PartKind): number =>
  [...texts.values()].filter((other) => (other.kind === 'summary_text') === (kind === 'summary_text')).length
