import { isParapetError, queueError } from '@parapet/sdk'

/** SQLSTATEs after which the same transaction may be made again: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const AGAIN: ReadonlySet<string> = new Set(['40001', '40P01', 'PR001'])
/** A transaction or a statement took too long: a lock was held, or the server was slow. */
const TIMED_OUT: ReadonlySet<string> = new Set(['55P03', '57014', '25P03', '25P04'])
/** The server shuts down, starts up, or ended the session. */
const AWAY: ReadonlySet<string> = new Set(['57P01', '57P02', '57P03', '57P05', '53300'])
const FULL: ReadonlySet<string> = new Set(['53100', '53200', '53400'])
/** Wrong credentials, missing privileges, a schema that is not there, a standby. */
const DENIED = /^(28|42501$|3F000$|25006$)/
/** There is no such database. */
const MISSING = '3D000'
/** What Node and `pg` say when a connection fails, where they give no SQLSTATE. */
const NETWORK = /^(E[A-Z]{3,20}|STALLED)$/
const NETWORK_MESSAGE =
  /connection terminated|connection error|client was closed|timeout exceeded|not queryable/i

/** Marks a call that the network swallowed. */
class StalledError extends Error {
  readonly code = 'STALLED'
}

/** The error of a call that got no answer in time. */
export function stalled(timeoutMs: number): Error {
  return new StalledError(`no answer within ${timeoutMs} ms`)
}

/** What a failure means for what is done next. */
export type FaultKind =
  /** Somebody else was first: the same again will see what they did. */
  | 'again'
  /** The connection is gone: nothing is known of a commit that was under way. */
  | 'lost'
  /** It says no to everything just now: a lock that is held, a role that may not, a schema that is newer. */
  | 'barred'
  /** The database said no to what was asked of it. */
  | 'refused'

export function kindOf(error: unknown): FaultKind {
  const code = codeOf(error)
  if (code !== undefined && AGAIN.has(code)) return 'again'
  if (isLost(error, code)) return 'lost'
  const barred = code !== undefined && (TIMED_OUT.has(code) || DENIED.test(code) || code === MISSING)
  return barred || isParapetError(error) ? 'barred' : 'refused'
}

/** Whether a row stayed in another session's hands for as long as a statement may wait. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === '55P03'
}

/** What an error of the driver means to the queue's users. Its own text stays here: it may quote data. */
export function toQueueError(
  error: unknown,
  database: { readonly where: string; readonly busyTimeoutMs: number },
): Error {
  if (isParapetError(error)) return error
  const { where, busyTimeoutMs } = database
  const code = codeOf(error)
  const fault = code ?? 'unexpected'
  if (isLost(error, code))
    return queueError('PARAPET_QUEUE_DISCONNECTED', { where, fault: code ?? 'connection lost' })
  if (code !== undefined && (AGAIN.has(code) || TIMED_OUT.has(code))) {
    return queueError('PARAPET_QUEUE_LOCKED', { where, busyTimeoutMs })
  }
  if (code !== undefined && FULL.has(code)) return queueError('PARAPET_QUEUE_FULL', { where })
  if (code === MISSING) return queueError('PARAPET_QUEUE_UNREACHABLE', { where })
  if (code !== undefined && DENIED.test(code)) return queueError('PARAPET_QUEUE_DENIED', { where, fault })
  return queueError('PARAPET_QUEUE_FAILED', { where, fault })
}

function isLost(error: unknown, code: string | undefined): boolean {
  if (code !== undefined) return code.startsWith('08') || AWAY.has(code) || NETWORK.test(code)
  return error instanceof Error && NETWORK_MESSAGE.test(error.message)
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && /^[A-Z0-9_]{1,32}$/.test(code) ? code : undefined
}
