import { isObject, type WireObject } from '../wire/wire-object.ts'
import { blockStart, blockStop, type WireEvent, wireInvalid } from './wire-events.ts'

/** A whole message as the events that a stream of it would have. @throws PARAPET_ADAPTER_ANSWER_MALFORMED */
export function* messageEvents(message: WireObject): Generator<WireEvent> {
  const { content, type, usage } = message
  if (type !== 'message' || !Array.isArray(content)) throw wireInvalid('the answer is no message')
  yield { type: 'message_start', message: { ...message, content: [] } }
  for (const [index, block] of content.entries()) {
    if (!isObject(block)) throw wireInvalid('a block that is none')
    yield blockStart(index, block)
    yield blockStop(index)
  }
  const { stop_reason, stop_sequence, stop_details, container, context_management } = message
  yield {
    type: 'message_delta',
    delta: { stop_reason, stop_sequence, stop_details, container },
    context_management,
    usage,
  }
  yield { type: 'message_stop' }
}

type Block = Record<string, unknown>

/** Released events as a whole message. They are ours, and valid. */
export function eventsMessage(events: readonly WireEvent[]): WireObject {
  let message: WireObject = {}
  const content: Block[] = []
  for (const event of events) {
    if (event.type === 'message_start') message = event['message'] as WireObject
    else if (event.type === 'content_block_start') content.push({ ...(event['content_block'] as Block) })
    else if (event.type === 'content_block_delta')
      addDelta(content.at(-1) as Block, event['delta'] as Record<string, string>)
    else if (event.type === 'message_delta') {
      const { delta, parapet, context_management } = event
      message = {
        ...message,
        // Where the end does not name a container again, the beginning did.
        ...Object.fromEntries(
          Object.entries(delta as Block).filter(([name, value]) => name !== 'container' || value !== null),
        ),
        ...(context_management ? { context_management } : {}),
        parapet,
      }
    }
  }
  return { ...message, content }
}

function addDelta(block: Block, delta: Readonly<Record<string, unknown>>): void {
  switch (delta['type']) {
    case 'text_delta':
      block['text'] = String(block['text']) + delta['text']
      break
    case 'thinking_delta':
      block['thinking'] = String(block['thinking']) + delta['thinking']
      break
    case 'signature_delta':
      block['signature'] = delta['signature']
      break
    case 'citations_delta':
      block['citations'] = [...((block['citations'] as unknown[] | null) ?? []), delta['citation']]
      break
    case 'input_json_delta':
      block['input'] = JSON.parse(String(delta['partial_json']))
  }
}
