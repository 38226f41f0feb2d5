import { adapterError } from '../errors/codes.ts'

/** An object as it came over the wire: nothing is known of its members. */
export type WireObject = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is WireObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** @throws PARAPET_ADAPTER_ANSWER_MALFORMED for a text that is no JSON object */
export function parseObject(text: string, what: string): WireObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue: `${what} is not JSON` })
  }
  if (!isObject(value))
    throw adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue: `${what} is no JSON object` })
  return value
}
