import type { Decision } from '@parapet/sdk'
import type { WireObject } from '../wire/parse-object.ts'
import type { WireEvent } from './wire-events.ts'

/** What the guard says in place of an answer, or of the rest of it. */
export interface Filtered {
  readonly decision: Decision
  readonly message: string
  readonly ticket?: string
}

/** What a caller learns of a decision: its id; and, where it was held, the ticket. */
export interface ParapetMember {
  readonly decisionId: string
  readonly ticket?: string
}

export const parapetMember = (decision: Decision, ticket?: string): ParapetMember => ({
  decisionId: decision.id,
  ...(ticket === undefined ? {} : { ticket }),
})

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
