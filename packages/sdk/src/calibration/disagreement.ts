import type { ReviewItem } from '../review/review-item.ts'

/** Where a person and the policy differ: a line of a data set for the next training. */
export interface Disagreement {
  readonly id: string
  readonly messages: ReviewItem['content']['messages']
  /** The answer, where that was judged. */
  readonly response?: string
  /** What the person said. */
  readonly label: 'benign' | 'harmful'
  /** What the policy made of it: the strictest action of its reasons. */
  readonly action: string
  readonly reasons: ReviewItem['reasons']
  readonly reason?: string
  /** With which probability it was drawn; absent for what was held, which was chosen for its score. */
  readonly probability?: number
  readonly policy?: ReviewItem['policy']
}

const STOPS = ['block', 'hold']

/**
 * The item as a disagreement: the policy would have stopped it and the person let it pass, or the other way round. Undefined
 * where they agree, where the person wrote an answer of their own, and where there is no text or no person's decision.
 */
export function disagreementOf(item: ReviewItem): Disagreement | undefined {
  const { decision, state, content, reasons } = item
  if ((state !== 'approved' && state !== 'rejected') || !decision || decision.reviewer === 'parapet')
    return undefined
  if (item.erasedAt !== undefined || (decision.outcome !== 'approve' && decision.outcome !== 'reject'))
    return undefined
  const label = decision.outcome === 'approve' ? 'benign' : 'harmful'
  const actions = reasons.map(({ action }) => action)
  const action = STOPS.find((stop) => actions.includes(stop)) ?? actions[0] ?? 'allow'
  if (STOPS.includes(action) === (label === 'harmful')) return undefined
  return {
    id: item.id,
    messages: content.messages,
    ...(content.answerText === undefined ? {} : { response: content.answerText }),
    label,
    action,
    reasons,
    ...(decision.reason === undefined ? {} : { reason: decision.reason }),
    ...(item.probability === undefined ? {} : { probability: item.probability }),
    ...(item.policy ? { policy: item.policy } : {}),
  }
}
