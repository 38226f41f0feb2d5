import { isParapetError } from '@parapet/sdk'
import { defined, matching, NAME } from '../answer/known-forms.ts'
import { adapterError } from '../errors/codes.ts'
import type { BodyReader } from '../wire/body-reader.ts'
import { jsonObject } from '../wire/json-object.ts'
import { readText } from '../wire/read-text.ts'
import { tell } from '../wire/tell.ts'
import { isObject, type WireObject } from '../wire/wire-object.ts'
import type { WireEvent } from './wire-events.ts'

type Listener = (error: unknown) => void

/** What stands in the place of an error's words. */
export const KEPT_BACK =
  'The provider’s own words were kept back, because no rule judges them. See them with the option onProviderError.'

/** An error is known by its kind alone: its sentences may repeat what a model wrote. */
function knownError(body: WireObject): WireObject {
  const error = isObject(body['error']) ? body['error'] : {}
  const { type, details } = error
  const code = isObject(details) ? matching(NAME, details['error_code']) : undefined
  return {
    type: 'error',
    error: {
      type: matching(NAME, type) ?? 'api_error',
      message: KEPT_BACK,
      ...(code === undefined ? {} : { details: { error_code: code } }),
    },
    ...defined({ request_id: matching(NAME, body['request_id']) }),
  }
}

/** A refusal of the provider, as the caller may see it. */
export async function errorBody(
  status: number,
  reader: BodyReader,
  onProviderError: Listener,
): Promise<string> {
  let text = ''
  try {
    text = await readText(reader)
  } catch (error) {
    if (!isParapetError(error)) throw error
    // Too large, or too slow: its status says enough.
    tell(onProviderError, error)
  }
  tell(onProviderError, { status, body: text })
  return JSON.stringify(knownError(jsonObject(text) ?? {}))
}

/** An error that came in the middle of an answer, as the caller may see it. */
export function errorEvent(event: WireEvent, onProviderError: Listener): WireEvent {
  tell(onProviderError, event)
  return knownError(event) as WireEvent
}

const isAbort = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  ['AbortError', 'TimeoutError'].includes(String((error as { name?: unknown }).name))

/** A fault while an answer was read, as the caller may see it. */
export function safeFault(error: unknown, onProviderError: Listener): unknown {
  if (isParapetError(error) || isAbort(error)) return error
  tell(onProviderError, error)
  const name = error instanceof Error ? error.name : typeof error
  return adapterError('PARAPET_ADAPTER_PROVIDER_FAILED', { kind: matching(/^\w{1,40}$/, name) ?? 'error' })
}
