import { sdkError } from '../errors/codes.ts'
import type { Policy } from '../policy/policy.ts'
import type { Message } from '../subject/message.ts'
import type { Stage } from '../subject/stage.ts'
import { requestParts } from './request-parts.ts'

/** Whether a rule of the stage cuts something out: what it judges must not be sent before it has. */
const redacts = ({ document }: Policy, stage: Stage): boolean =>
  document.stages[stage]?.rules.some(({ action }) => action.kind === 'redact') ?? false

/**
 * Holds a policy to what speculation needs: the provider reads the request before it is judged, so no rule of `input`
 * may redact.
 * @throws PARAPET_GUARD_SPECULATION_REFUSED
 */
export function checkSpeculation(policy: Policy): void {
  if (redacts(policy, 'input'))
    throw sdkError('PARAPET_GUARD_SPECULATION_REFUSED', { because: 'a rule of input redacts' })
}

/**
 * Whether a request may be sent before it is judged: tool results and the history meet the rules of other stages, and
 * one of those may redact.
 */
export function maySpeculate(messages: readonly Message[], policy: Policy): boolean {
  return !requestParts(messages).some(({ stage }) => redacts(policy, stage))
}
