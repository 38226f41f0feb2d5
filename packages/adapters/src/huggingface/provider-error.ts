import { isParapetError } from '@parapet/sdk'
import { ID, matching } from '../answer/known-forms.ts'
import { adapterError } from '../errors/codes.ts'
import { tell } from '../wire/tell.ts'
import { isObject } from '../wire/wire-object.ts'
import { answerMalformed } from './answer-malformed.ts'

const KEPT_BACK =
  'The provider’s own words were kept back, because no rule judges them: onProviderError gets them.'

/** Errors of the client that speak of the call, and of no answer. */
const HARMLESS = ['InputError', 'RoutingError', 'AbortError', 'TimeoutError']

/** A refused call, known by its status: providers repeat in their sentences what a model wrote. */
function withoutWords(error: Error, response: Readonly<Record<string, unknown>>): Error {
  const { status, requestId } = response
  const { httpRequest } = error as { readonly httpRequest?: unknown }
  const { url, method } = isObject(httpRequest) ? httpRequest : {}
  const safe: Error = Object.create(Object.getPrototypeOf(error))
  const members = {
    name: error.name,
    message: `The provider refused the call with the status ${Number(status)}. ${KEPT_BACK}`,
    stack: error.stack?.slice(error.stack.indexOf('\n    at ')),
    httpRequest: { url, method },
    httpResponse: { status, requestId: matching(ID, requestId) ?? '', body: '' },
  }
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(safe, name, {
      value,
      writable: true,
      configurable: true,
      enumerable: name.startsWith('http'),
    })
  return safe
}

/** An error of the client or the provider as the caller may see it. */
export function safeProviderError(error: unknown, onProviderError: (error: unknown) => void): unknown {
  const name =
    error instanceof Error || isObject(error) ? String((error as { name?: unknown }).name) : typeof error
  if (isParapetError(error) || HARMLESS.includes(name)) return error
  tell(onProviderError, error)
  const { httpResponse } = error as { readonly httpResponse?: unknown }
  if (isObject(httpResponse)) return withoutWords(error as Error, httpResponse)
  // A parser quotes what it could not read.
  if (name === 'SyntaxError') return answerMalformed('it is not JSON')
  if (name === 'ProviderOutputError') return answerMalformed('it has another form than the task')
  return adapterError('PARAPET_ADAPTER_PROVIDER_FAILED', { kind: matching(/^\w{1,40}$/, name) ?? 'error' })
}
