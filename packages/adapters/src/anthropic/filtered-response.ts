import { type Filtered, parapetMember } from '../wire/parapet-member.ts'
import { filteredEnd, messageBlock } from './filtered-end.ts'
import { knownEnvelope } from './known-message.ts'
import { eventsMessage } from './message-events.ts'
import type { RequestFacts } from './request-facts.ts'
import { answerHeaders, eventFrame } from './response.ts'
import { blockDelta, blockStart, blockStop, type WireEvent } from './wire-events.ts'

/** The answer to a request that the provider never saw. */
export function filteredResponse(filtered: Filtered, facts: RequestFacts): Response {
  const events: WireEvent[] = [
    { type: 'message_start', message: knownEnvelope({ model: facts.model }) },
    blockStart(0, messageBlock(filtered)),
    blockDelta(0, { type: 'text_delta', text: filtered.message }),
    blockStop(0),
    ...filteredEnd(filtered, { input_tokens: 0, output_tokens: 0 }),
  ]
  const parapet = parapetMember(filtered.decision, filtered.ticket)
  if (!facts.stream)
    return new Response(JSON.stringify(eventsMessage(events)), {
      headers: answerHeaders(undefined, 'application/json', parapet),
    })
  return new Response(new Blob(events.map((event) => eventFrame(event) as Uint8Array<ArrayBuffer>)), {
    headers: answerHeaders(undefined, 'text/event-stream', parapet),
  })
}
