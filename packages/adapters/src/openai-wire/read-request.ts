import { adapterError } from '../errors/codes.ts'
import { isObject, type Json } from './json-value.ts'
import type { WireRequest } from './wire-request.ts'

const malformed = (issue: string) => adapterError('PARAPET_ADAPTER_REQUEST_MALFORMED', { issue })

/**
 * The JSON object of a request. It is read here and written anew for the provider, so that both read the same: a key
 * that stands twice, say, would be one text to the guard and another to the model.
 * @throws PARAPET_ADAPTER_REQUEST_MALFORMED, PARAPET_ADAPTER_TOO_LARGE
 */
export async function readRequest(request: WireRequest, maxBytes: number): Promise<Json> {
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity')
    throw malformed('its body is compressed')
  const text = await request.text(maxBytes)
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    throw malformed('its body is no JSON')
  }
  if (!isObject(body)) throw malformed('its body is no object')
  return body
}
