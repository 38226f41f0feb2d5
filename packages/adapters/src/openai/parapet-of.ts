import { isObject, type Json, textOf } from '../openai-wire/json-value.ts'

/** What a caller learns of the decision on an answer. */
export interface ParapetAnswer {
  readonly decisionId: string
  /** Of a request, or an answer, that is held: `guard.resume(ticket)` later. */
  readonly ticket?: string
}

/**
 * The decision on an answer: of a completion or a response, of the chunk that ends a choice, or of the event that ends a
 * response. Undefined for everything else.
 */
export function parapetOf(answer: unknown): ParapetAnswer | undefined {
  if (!isObject(answer)) return undefined
  const holder: Json = isObject(answer['response']) ? answer['response'] : answer
  const { parapet } = holder
  if (!isObject(parapet)) return undefined
  const decisionId = textOf(parapet['decisionId'])
  const ticket = textOf(parapet['ticket'])
  if (decisionId === undefined) return undefined
  return { decisionId, ...(ticket === undefined ? {} : { ticket }) }
}
