import { adapterError } from '../errors/codes.ts'

/** The receiver says that nobody listens there any more. */
const GONE = 410

/** Why a webhook was not delivered, as an error; undefined when it was. Nothing that the receiver said is in it. */
export function deliveryFault(
  outcome: { readonly status: number } | { readonly error: unknown },
): Error | undefined {
  if ('error' in outcome) return ofError(outcome.error)
  const { status } = outcome
  if (status >= 200 && status < 300) return undefined
  const fault = status >= 300 && status < 400 ? `redirect ${status}` : `status ${status}`
  // A receiver that redirects, or is gone, will do so again.
  if (status === GONE || (status >= 300 && status < 400))
    return adapterError('PARAPET_WEBHOOK_REFUSED', { fault })
  return adapterError('PARAPET_WEBHOOK_UNDELIVERED', { fault })
}

function ofError(error: unknown): Error {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown }
  if (code === 'CLOSED_ADDRESS') return adapterError('PARAPET_WEBHOOK_REFUSED', { fault: 'closed address' })
  if (name === 'AbortError' || name === 'TimeoutError')
    return adapterError('PARAPET_WEBHOOK_UNDELIVERED', { fault: 'timeout' })
  const known = typeof code === 'string' && /^[A-Z0-9_]{1,48}$/.test(code)
  return adapterError('PARAPET_WEBHOOK_UNDELIVERED', { fault: known ? code : 'no connection' })
}
