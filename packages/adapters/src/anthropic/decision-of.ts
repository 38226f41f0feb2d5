import type { ParapetMember } from '../wire/parapet-member.ts'
import { isObject } from '../wire/wire-object.ts'

const idOf = (value: unknown): ParapetMember | undefined => {
  if (!isObject(value) || !isObject(value['parapet'])) return undefined
  const { decisionId, ticket } = value['parapet']
  if (typeof decisionId !== 'string') return undefined
  return { decisionId, ...(typeof ticket === 'string' ? { ticket } : {}) }
}

/**
 * What a caller learns of the decision: its id; and, where the answer was held, the ticket to resume it with. Takes a
 * message, or the `message_delta` event of a stream. A message put together from a stream has it only where the guard
 * ended the answer. Undefined where there is nothing.
 */
export function decisionOf(value: object): ParapetMember | undefined {
  if (!isObject(value)) return undefined
  const end = isObject(value['delta']) ? value['delta'] : value
  return idOf(value) ?? idOf(end['stop_details'])
}

/** Whether a block is the message for end users with which the guard ended an answer. */
export const isGuardMessage = (block: object): boolean => idOf(block) !== undefined
