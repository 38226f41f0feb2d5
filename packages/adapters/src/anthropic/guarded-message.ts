import type { AnswerPart, GateStep, StreamGate } from '@parapet/sdk'
import { createIds, matching, NAME } from '../answer/known-forms.ts'
import { isJson, jsonText, mayHide, settledJson } from '../wire/json-text.ts'
import { parapetMember } from '../wire/parapet-member.ts'
import type { WireObject } from '../wire/parse-object.ts'
import { unknownPart } from '../wire/unknown-part.ts'
import { AnswerLedger, type TextEntry } from './answer-ledger.ts'
import { CITATION, resultShape } from './block-shapes.ts'
import { filteredEnd, messageBlock } from './filtered-end.ts'
import { knownEnd, knownEnvelope, knownUsage } from './known-message.ts'
import type { RequestFacts } from './request-facts.ts'
import { copyKnown, type Shape, type TextPlace, visitTexts } from './shape.ts'
import { blockDelta, blockStart, blockStop, objectOf, type WireEvent, wireInvalid } from './wire-events.ts'

/** What the caller may get, and whether the answer is over. */
export interface MessageStep {
  readonly events: readonly WireEvent[]
  readonly over?: 'done' | 'filtered'
}

/** A message on its way through the gate, event by event. */
export interface GuardedMessage {
  /**
   * Takes the provider's next event; one call at a time.
   * @throws PARAPET_ADAPTER_PART_UNKNOWN, PARAPET_ADAPTER_ANSWER_MALFORMED and whatever the gate does
   */
  take(event: WireEvent): Promise<MessageStep>
}

/** The block that arrives: blocks come one after the other. */
interface OpenBlock {
  readonly index: unknown
  readonly block: WireObject
  readonly type: string
  readonly entry: TextEntry | undefined
  /** Arguments, or text that is judged whole. */
  readonly pieces: string[]
  readonly citations: unknown[]
}

const NOTHING: MessageStep = { events: [] }
const CALLS = ['tool_use', 'server_tool_use', 'mcp_tool_use']
const CALLER: Shape = { members: { type: 'name', tool_id: 'id' } }
const MEDIA = 'application/octet-stream'

/** Puts the events of a message through a gate, and gives back what it releases as valid events. */
export function createGuardedMessage(gate: StreamGate, facts: RequestFacts): GuardedMessage {
  const ledger = new AnswerLedger()
  const idOf = createIds()
  const called = new Map<unknown, string>()
  let usage: WireObject | undefined
  let open: OpenBlock | undefined
  let end: WireObject | undefined

  function act(step: GateStep): MessageStep {
    const events = ledger.release(step.release)
    if (step.kind === 'open') return { events: [...events, ...ledger.settle()] }
    if (step.kind === 'done') return { events: [...events, ...ledger.finish()], over: 'done' }
    const message = ledger.append.bind(ledger, messageBlock(step), step.message)
    return {
      events: [...events, ...ledger.truncate(), ...message(), ...filteredEnd(step, usage ?? {})],
      over: 'filtered',
    }
  }

  /** Does one thing after the other, until the answer is over. */
  async function inTurn(work: readonly (() => Promise<MessageStep>)[]): Promise<MessageStep> {
    const events: WireEvent[] = []
    for (const each of work) {
      const step = await each()
      events.push(...step.events)
      if (step.over) return { ...step, events }
    }
    return { events }
  }

  function start(event: WireEvent): Promise<MessageStep> {
    if (open) throw wireInvalid('a block began within another')
    const block = objectOf(event, 'content_block')
    const { type } = block
    if (typeof type !== 'string') throw unknownPart(type, 'answer')
    const streams = type === 'text' || type === 'thinking'
    if (!streams && !isWhole(block)) throw unknownPart(type, 'answer')
    open = {
      index: event['index'],
      block,
      type,
      entry: streams ? ledger.text(type) : undefined,
      pieces: [],
      citations: Array.isArray(block['citations']) ? [...block['citations']] : [],
    }
    if (type === 'thinking' && open.entry) open.entry.signature = block['signature']
    return piece(open, block[type] ?? '')
  }

  async function piece({ type, entry, pieces }: OpenBlock, text: unknown): Promise<MessageStep> {
    if (!entry || text === '') return NOTHING
    if (typeof text !== 'string') throw wireInvalid('a text that is none')
    entry.watch.push(text)
    if (type === 'text' && facts.json) {
      pieces.push(text)
      return NOTHING
    }
    return act(await gate.push(entry.id, type === 'text' ? 'output' : 'reasoning', text))
  }

  async function delta(event: WireEvent): Promise<MessageStep> {
    const change = objectOf(event, 'delta')
    if (!open || event['index'] !== open.index) throw wireInvalid('a delta outside its block')
    const fits = (type: string) => {
      if (open?.type !== type && !(type === 'call' && CALLS.includes(open?.type ?? '')))
        throw wireInvalid('a delta of another kind than its block')
    }
    switch (change['type']) {
      case 'text_delta':
        fits('text')
        return piece(open, change['text'])
      case 'thinking_delta':
        fits('thinking')
        return piece(open, change['thinking'])
      case 'signature_delta':
        fits('thinking')
        if (open.entry) open.entry.signature = change['signature']
        return NOTHING
      case 'citations_delta':
        fits('text')
        open.citations.push(change['citation'])
        return NOTHING
      case 'input_json_delta':
        fits('call')
        open.pieces.push(String(change['partial_json'] ?? ''))
        return NOTHING
      default:
        throw unknownPart(change['type'], 'answer')
    }
  }

  async function stop(event: WireEvent): Promise<MessageStep> {
    if (!open || event['index'] !== open.index) throw wireInvalid('an end outside its block')
    const closing = open
    open = undefined
    if (closing.entry) return endText(closing, closing.entry)
    if (CALLS.includes(closing.type)) return toolCall(closing)
    const shape = resultShape(closing.block)
    if (shape) return result(closing.block, shape)
    if (closing.type === 'container_upload')
      return result(closing.block, { types: { container_upload: { file_id: { media: MEDIA } } } })
    const inert = inertBlock(closing.block)
    ledger.whole([], (index) => [blockStart(index, inert), blockStop(index)])
    return NOTHING
  }

  async function endText({ type, pieces, citations }: OpenBlock, entry: TextEntry): Promise<MessageStep> {
    entry.ended = true
    const text = pieces.join('')
    const finish = async () =>
      type === 'text' && text !== ''
        ? gate.pushPart(entry.id, { stage: 'output', text, json: mayHide(text) })
        : gate.endPart(entry.id)
    if (citations.length === 0) return act(await finish())
    // The block stays open until its citations have been judged too.
    entry.ended = false
    return inTurn([
      async () => act(await finish()),
      async () => {
        entry.ended = true
        return cite(entry, citations)
      },
    ])
  }

  async function cite(entry: TextEntry, citations: readonly unknown[]): Promise<MessageStep> {
    const known = { citations: citations.map((citation) => copyKnown(citation, CITATION)) }
    const texts = gather(known, 'citations', { list: CITATION })
    const write = (released: string) => {
      texts.write(released)
      entry.citations = known.citations
    }
    const id = ledger.attached(entry, write)
    const origin = { kind: 'citations' }
    return act(await gate.pushPart(id, { stage: 'output', text: texts.json, json: true, origin }))
  }

  /** The name of a tool that was not offered is made up by the model: it is judged like what it is called with. */
  function toolCall({ block, type, pieces }: OpenBlock): Promise<MessageStep> {
    const { name } = block
    const toolName = String(name)
    const given = pieces.length > 0 ? pieces.join('') : jsonText(block['input'] ?? {})
    const text = settledJson(given === '' ? '{}' : given)
    if (called.has(block['id'])) throw wireInvalid('two tool calls with one id')
    called.set(block['id'], toolName)
    let input = ''
    let released = toolName
    const start = {
      type,
      id: idOf(block['id']),
      input: {},
      ...(block['caller'] === undefined ? {} : { caller: copyKnown(block['caller'], CALLER) ?? null }),
      ...(type === 'mcp_tool_use' ? { server_name: matching(NAME, block['server_name']) ?? 'unknown' } : {}),
      ...(matching(NAME, block['toolset_name']) ? { toolset_name: block['toolset_name'] } : {}),
    }
    const parts: AnswerPart[] = [
      { stage: 'toolCall', toolName, text, json: true, origin: { kind: type, id: start.id } },
    ]
    const takes = [
      (value: string) => {
        input = value
      },
    ]
    if (!facts.toolNames.has(name)) {
      const origin = { kind: 'tool-name' }
      parts.unshift({ stage: 'toolCall', toolName, text: JSON.stringify(toolName), json: true, origin })
      takes.unshift((value) => {
        released = JSON.parse(value)
      })
    }
    const ids = ledger.whole(takes, (index) => [
      blockStart(index, { ...start, name: released }),
      blockDelta(index, { type: 'input_json_delta', partial_json: input }),
      blockStop(index),
    ])
    return pushAll(ids, parts)
  }

  /** A result, or a file, of a tool that ran at the provider: its texts are judged as one, what nothing can read apart. */
  function result(block: WireObject, shape: Shape): Promise<MessageStep> {
    const known = { block: copyKnown(block, shape) as Record<string, unknown> }
    const texts = gather(known, 'block', shape)
    if ('tool_use_id' in block) known.block['tool_use_id'] = idOf(block['tool_use_id'])
    const toolName = called.get(block['tool_use_id']) ?? 'unknown'
    const origin = { kind: String(block['type']) }
    const parts: AnswerPart[] = [
      ...(texts.count === 0
        ? []
        : [{ stage: 'toolResult' as const, toolName, text: texts.json, json: true, origin }]),
      ...texts.media.map((media) => ({ stage: 'toolResult' as const, media, origin })),
    ]
    const takes = parts.map((part) => ('media' in part ? () => undefined : texts.write))
    const ids = ledger.whole(takes, (index) => [blockStart(index, known.block), blockStop(index)])
    return pushAll(ids, parts)
  }

  const pushAll = (ids: readonly string[], parts: readonly AnswerPart[]): Promise<MessageStep> =>
    inTurn(parts.map((part, place) => async () => act(await gate.pushPart(ids[place] ?? '', part))))

  async function finish(): Promise<MessageStep> {
    if (open) throw wireInvalid('the answer ended within a block')
    if (!end || !usage) throw wireInvalid('the answer ended without a reason')
    const ended = await gate.end()
    const step = act(ended)
    if (ended.kind !== 'done') return step
    const parapet = parapetMember(ended.decision)
    const last = { type: 'message_delta', ...knownEnd(end, facts.stopSequences), usage, parapet }
    return { events: [...step.events, last, { type: 'message_stop' }], over: 'done' }
  }

  return {
    async take(event) {
      if (event.type === 'ping') return { events: [{ type: 'ping' }] }
      if (event.type === 'message_start') {
        if (usage) throw wireInvalid('an answer that began twice')
        const message = objectOf(event, 'message')
        if (Array.isArray(message['content']) && message['content'].length > 0)
          throw wireInvalid('an answer that began with its content')
        usage = knownUsage(message['usage'])
        return { events: [{ type: 'message_start', message: knownEnvelope(message) }] }
      }
      if (!usage) throw wireInvalid('an answer without its beginning')
      switch (event.type) {
        case 'content_block_start':
          return start(event)
        case 'content_block_delta':
          return delta(event)
        case 'content_block_stop':
          return stop(event)
        case 'message_delta':
          if (open) throw wireInvalid('the answer ended within a block')
          end = { ...objectOf(event, 'delta'), context_management: event['context_management'] }
          usage = knownUsage(event['usage'])
          return NOTHING
        case 'message_stop':
          return finish()
        default:
          throw unknownPart(event.type, 'answer')
      }
    },
  }
}

/** Whether a block comes in one piece, and is of a kind that can be judged or is sealed. */
function isWhole(block: WireObject): boolean {
  const { type } = block
  const inert = type === 'redacted_thinking' || type === 'fallback' || type === 'container_upload'
  return inert || CALLS.includes(String(type)) || resultShape(block) !== undefined
}

/** A block without text: sealed by the provider, or the mark where another model took over. */
function inertBlock(block: WireObject): WireObject {
  const model: Shape = { members: { model: 'name' } }
  return copyKnown(block, {
    types: {
      redacted_thinking: { data: 'sealed' },
      fallback: { from: model, to: model, trigger: { members: { type: 'name', category: 'name' } } },
    },
  }) as WireObject
}

/** The texts of a value as one JSON list, each that is JSON itself decoded, and how they are written back. */
function gather(holder: Record<string, unknown>, key: string, shape: Shape) {
  const places: { readonly place: TextPlace; readonly nested: boolean }[] = []
  const items: string[] = []
  const media: string[] = []
  visitTexts(
    holder,
    key,
    shape,
    {
      text(place, text, value) {
        const json = value || isJson(text)
        places.push({ place, nested: json && !value })
        items.push(json ? text : JSON.stringify(text))
      },
      media: (mediaType) => media.push(mediaType),
    },
    'answer',
  )
  const json = `[${items.join(',')}]`
  return {
    json,
    count: items.length,
    media,
    write(released: string) {
      if (released === json) return
      const texts = JSON.parse(released) as unknown[]
      for (const [index, { place, nested }] of places.entries())
        place.holder[place.key] = nested ? jsonText(texts[index]) : texts[index]
    },
  }
}
