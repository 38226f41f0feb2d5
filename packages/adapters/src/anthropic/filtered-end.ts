import { type Filtered, parapetMember } from '../wire/parapet-member.ts'
import type { WireObject } from '../wire/wire-object.ts'
import type { WireEvent } from './wire-events.ts'

/** The block that holds the message for end users. It names the decision; the ticket stands at the answer alone. */
export const messageBlock = ({ decision }: Filtered): WireObject => ({
  type: 'text',
  text: '',
  citations: null,
  parapet: parapetMember(decision),
})

/** The end of an answer that the guard ended: the provider's own way to say that it was refused. */
export function filteredEnd({ decision, ticket }: Filtered, usage: WireObject): WireEvent[] {
  const parapet = parapetMember(decision, ticket)
  const stop_details = { type: 'refusal', category: null, explanation: null, parapet }
  return [
    {
      type: 'message_delta',
      delta: { stop_reason: 'refusal', stop_sequence: null, stop_details, container: null },
      usage,
      parapet,
    },
    { type: 'message_stop' },
  ]
}
