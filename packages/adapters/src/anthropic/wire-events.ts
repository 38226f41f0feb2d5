import { adapterError } from '../errors/codes.ts'
import { isObject, type WireObject } from '../wire/wire-object.ts'

/** An event of a message's stream, as it comes and as it leaves. */
export type WireEvent = { readonly type: string } & WireObject

export const wireInvalid = (problem: string): Error =>
  adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue: problem })

/** @throws PARAPET_ADAPTER_ANSWER_MALFORMED for what is no event */
export function wireEvent(value: WireObject): WireEvent {
  if (typeof value['type'] !== 'string') throw wireInvalid('an event without a type')
  return value as WireEvent
}

/** A member that must be an object. @throws PARAPET_ADAPTER_ANSWER_MALFORMED */
export function objectOf(event: WireObject, name: string): WireObject {
  const value = event[name]
  if (!isObject(value)) throw wireInvalid(`an event without its ${name}`)
  return value
}

/** A block as the events of a stream, with all it holds in its start but for what streams in deltas. */
export const blockStart = (index: number, content_block: WireObject): WireEvent => ({
  type: 'content_block_start',
  index,
  content_block,
})

export const blockDelta = (index: number, delta: WireObject): WireEvent => ({
  type: 'content_block_delta',
  index,
  delta,
})

export const blockStop = (index: number): WireEvent => ({ type: 'content_block_stop', index })
