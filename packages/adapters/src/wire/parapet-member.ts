import type { Decision } from '@parapet/sdk'

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
