import type { GateStep, StreamGate } from '@parapet/sdk'
import { createIds } from '../answer/known-forms.ts'
import { mayHide } from '../answer/may-hide.ts'
import { parapetMember } from '../wire/parapet-member.ts'
import { unknownPart } from '../wire/unknown-part.ts'
import type { WireObject } from '../wire/wire-object.ts'
import { AnswerLedger, type TextEntry } from './answer-ledger.ts'
import { CITATION } from './block-shapes.ts'
import { callBlock } from './call-block.ts'
import { filteredEnd, messageBlock } from './filtered-end.ts'
import { gatherTexts } from './gather-texts.ts'
import { knownEnd, knownEnvelope, knownUsage } from './known-message.ts'
import type { RequestFacts } from './request-facts.ts'
import { resultBlock } from './result-block.ts'
import { copyKnown } from './shape.ts'
import { isCall, type JudgedBlock, wholeShape } from './whole-blocks.ts'
import { objectOf, type WireEvent, wireInvalid } from './wire-events.ts'

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
    if (!streams && !isCall(type) && !wholeShape(block)) throw unknownPart(type, 'answer')
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
      if (open?.type !== type && !(type === 'call' && isCall(open?.type)))
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
    const { block } = closing
    if (isCall(closing.type)) {
      if (called.has(block['id'])) throw wireInvalid('two tool calls with one id')
      called.set(block['id'], String(block['name']))
      return pushWhole(callBlock(block, closing.pieces, { offered: facts.toolNames, idOf }))
    }
    const shape = wholeShape(block)
    if (!shape) throw unknownPart(closing.type, 'answer')
    return pushWhole(resultBlock(block, shape, { called, idOf }))
  }

  async function endText({ type, pieces, citations }: OpenBlock, entry: TextEntry): Promise<MessageStep> {
    entry.ended = true
    const text = pieces.join('')
    const finish = async () =>
      type === 'text' && text !== ''
        ? gate.pushPart(entry.id, { stage: 'output', text, json: mayHide(text) }, { joined: true })
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
    const texts = gatherTexts(known, 'citations', { list: CITATION })
    const write = (released: string) => {
      texts.write(released)
      entry.citations = known.citations
    }
    const id = ledger.attached(entry, write)
    const origin = { kind: 'citations' }
    return act(await gate.pushPart(id, { stage: 'output', text: texts.json, json: true, origin }))
  }

  /** Judges a block that leaves in one piece, text by text. */
  function pushWhole({ parts, takes, events }: JudgedBlock): Promise<MessageStep> {
    const ids = ledger.whole(takes, events)
    return inTurn(parts.map((part, place) => async () => act(await gate.pushPart(ids[place] ?? '', part))))
  }

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
