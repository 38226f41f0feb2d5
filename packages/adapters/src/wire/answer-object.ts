import { adapterError } from '../errors/codes.ts'
import { jsonObject } from './json-object.ts'
import type { WireObject } from './wire-object.ts'

/** @throws PARAPET_ADAPTER_ANSWER_MALFORMED for a text that is no JSON object */
export function answerObject(text: string, what: string): WireObject {
  const object = jsonObject(text)
  if (!object) throw adapterError('PARAPET_ADAPTER_ANSWER_MALFORMED', { issue: `${what} is no JSON object` })
  return object
}
