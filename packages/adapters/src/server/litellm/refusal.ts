import type { Decision } from '@parapet/sdk'
import type { LitellmAnswer } from './wire.ts'

/** What was not let through. */
export interface Refused {
  readonly decision: Pick<Decision, 'id'>
  readonly message: string
  /** Of a held request. */
  readonly ticket?: string
}

/** LiteLLM shows the reason to its caller: the message for end users, the decision's id, and a held request's ticket. */
export function refusal({ decision, message, ticket }: Refused): LitellmAnswer {
  const named = ticket === undefined ? `decision ${decision.id}` : `decision ${decision.id}, ticket ${ticket}`
  return { action: 'BLOCKED', blocked_reason: `${message} (${named})` }
}
