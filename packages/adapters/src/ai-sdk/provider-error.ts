import { keptBackError, saysNothing } from '../answer/kept-back-error.ts'

/** Fields in which errors of the AI SDK keep what the provider said. */
const ANSWER_FIELDS = ['responseBody', 'data', 'text', 'value', 'cause'] as const

const AI_SDK_ERROR = Symbol.for('vercel.ai.error')
const API_CALL_ERROR = Symbol.for('vercel.ai.error.AI_APICallError')

const marked = (error: object, marker: symbol): boolean => (error as Record<symbol, unknown>)[marker] === true
const fieldsOf = (error: object) => error as Readonly<Record<string, unknown>>
const carriesAnswer = (error: object) =>
  ANSWER_FIELDS.some((field) => fieldsOf(error)[field] !== undefined && fieldsOf(error)[field] !== null)

const isObject = (error: unknown): error is object => typeof error === 'object' && error !== null

/**
 * A failed API call that may still be retried. A refusal of the provider (status 400 and up) explains itself and holds
 * no answer; a body that came with another status may be the answer itself, and is left out.
 */
function safeApiCallError(error: object): object {
  const { statusCode } = fieldsOf(error)
  if (typeof statusCode === 'number' && statusCode >= 400) return error
  if (!carriesAnswer(error)) return error
  const safe: object = Object.create(Object.getPrototypeOf(error))
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(error)))
    if (!ANSWER_FIELDS.some((field) => field === key)) Object.defineProperty(safe, key, descriptor)
  for (const symbol of Object.getOwnPropertySymbols(error))
    Object.defineProperty(safe, symbol, { value: (error as Record<symbol, unknown>)[symbol] })
  return safe
}

/**
 * An error of the provider as the caller may see it. Errors that can hold no text of the answer pass as they are, so
 * that retries go on working; the others are kept back, and an error that names their kind stands in their place.
 */
export function safeProviderError(error: unknown, onKeptBack: (error: unknown) => void): unknown {
  if (saysNothing(error)) return error
  if (isObject(error) && marked(error, API_CALL_ERROR)) return safeApiCallError(error)
  if (isObject(error) && marked(error, AI_SDK_ERROR) && !carriesAnswer(error)) return error
  return keptBackError(error, onKeptBack)
}
