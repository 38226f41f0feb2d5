import { keptBackError, saysNothing } from '../answer/kept-back-error.ts'
import { defined, knownHeaders, matching, NAME } from '../answer/known-forms.ts'
import { jsonObject } from '../wire/json-object.ts'
import { tell } from '../wire/tell.ts'

/** Fields in which errors of the AI SDK keep what the provider said. */
const ANSWER_FIELDS = ['responseBody', 'data', 'text', 'value', 'cause'] as const

const AI_SDK_ERROR = Symbol.for('vercel.ai.error')
const API_CALL_ERROR = Symbol.for('vercel.ai.error.AI_APICallError')

const marked = (error: object, marker: symbol): boolean => (error as Record<symbol, unknown>)[marker] === true
const fieldsOf = (error: object) => error as Readonly<Record<string, unknown>>
const isPresent = (value: unknown): boolean => value !== undefined && value !== null
const carriesAnswer = (error: object) => ANSWER_FIELDS.some((field) => isPresent(fieldsOf(error)[field]))

const isObject = (error: unknown): error is object => typeof error === 'object' && error !== null

const KEPT_BACK =
  'The provider’s own words were kept back, because no rule judges them: onProviderError gets them.'

const plain = (value: unknown): string | number | undefined =>
  typeof value === 'number' ? value : matching(NAME, value)

/** Type and code of a refusal, which apps branch on. */
function kindOf({ data, responseBody }: Readonly<Record<string, unknown>>) {
  const parsed = isObject(data) ? data : jsonObject(typeof responseBody === 'string' ? responseBody : '')
  const { error } = fieldsOf(parsed ?? {})
  const { type, code } = fieldsOf(isObject(error) ? error : (parsed ?? {}))
  return defined({ type: plain(type), code: plain(code) })
}

/**
 * A failed API call, which may still be retried, without the provider's words: they repeat what a model wrote
 * (`failed_generation`). A call that never arrived keeps its message, which is the network's.
 */
function safeApiCallError(error: Error, onKeptBack: (error: unknown) => void): object {
  const fields = fieldsOf(error)
  const { statusCode, responseHeaders, url, isRetryable } = fields
  const arrived = statusCode !== undefined && statusCode !== null
  if (!arrived && !carriesAnswer(error)) return error
  tell(onKeptBack, error)
  const answered = arrived || isPresent(fields['responseBody']) || isPresent(fields['data'])
  const withStatus = arrived ? ` with the status ${Number(statusCode)}` : ''
  // One of its own, because a stack begins with the message.
  const safe = new Error(answered ? `The provider’s call failed${withStatus}. ${KEPT_BACK}` : error.message)
  Object.setPrototypeOf(safe, Object.getPrototypeOf(error))
  const kind = kindOf(fields)
  for (const symbol of Object.getOwnPropertySymbols(error))
    if (Reflect.get(error, symbol) === true) Object.defineProperty(safe, symbol, { value: true })
  return Object.assign(safe, {
    name: 'AI_APICallError',
    url,
    requestBodyValues: {},
    ...(arrived ? { statusCode: Number(statusCode) } : {}),
    isRetryable: isRetryable === true,
    ...defined({
      responseHeaders: isObject(responseHeaders) ? knownHeaders({ ...responseHeaders }) : undefined,
    }),
    ...(Object.keys(kind).length === 0 ? {} : { data: { error: kind } }),
  })
}

/**
 * An error of the provider as the caller may see it. Errors that can hold no text of the answer pass as they are; a
 * failed call keeps what a retry goes by; the others are kept back, and an error that names their kind stands in their
 * place.
 */
export function safeProviderError(error: unknown, onKeptBack: (error: unknown) => void): unknown {
  if (saysNothing(error)) return error
  if (error instanceof Error && marked(error, API_CALL_ERROR)) return safeApiCallError(error, onKeptBack)
  if (isObject(error) && marked(error, AI_SDK_ERROR) && !carriesAnswer(error)) return error
  return keptBackError(error, onKeptBack)
}
