import { isParapetError } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'

const isObject = (error: unknown): error is object => typeof error === 'object' && error !== null
const fieldsOf = (error: object) => error as Readonly<Record<string, unknown>>

/** By shape: an abort's reason may come from another realm. */
const isAbort = (error: unknown): boolean =>
  isObject(error) && ['AbortError', 'TimeoutError'].includes(String(fieldsOf(error)['name']))

/** A short name for what failed: the error's class, or the type that the provider gave it. */
function kindOf(error: unknown): string {
  const candidates = isObject(error)
    ? [fieldsOf(error)['code'], fieldsOf(error)['type'], fieldsOf(error)['name']]
    : []
  const named = candidates.find((name) => typeof name === 'string' && /^\w{1,40}$/.test(name))
  return typeof named === 'string' ? named : typeof error
}

/** Whether an error says nothing of an answer: an abort, or an error of Parapet's own. */
export const saysNothing = (error: unknown): boolean => isAbort(error) || isParapetError(error)

/**
 * Keeps an error of the provider back, because it may carry unjudged text: gives it to the listener, and an error that
 * names its kind to the caller. Aborts and errors of Parapet pass as they are.
 */
export function keptBackError(error: unknown, onKeptBack: (error: unknown) => void): unknown {
  if (saysNothing(error)) return error
  try {
    onKeptBack(error)
  } catch {
    // A listener that fails must not put its own error in the place of the call's.
  }
  return adapterError('PARAPET_ADAPTER_PROVIDER_FAILED', { kind: kindOf(error) })
}
