import { isParapetError } from '@parapet/sdk'
import { serverError } from './codes.ts'

/** Errors of a request's own making, by status. What is not listed is the server's fault: 500, or 503 where it may pass. */
const STATUS: Readonly<Record<string, number>> = {
  PARAPET_SERVER_UNAUTHORIZED: 401,
  PARAPET_SERVER_HOST_REFUSED: 421,
  PARAPET_SERVER_ROUTE_UNKNOWN: 404,
  PARAPET_SERVER_CONTENT_TYPE: 415,
  PARAPET_SERVER_BODY_TOO_LARGE: 413,
  PARAPET_SERVER_BODY_TIMEOUT: 408,
  PARAPET_SERVER_BODY_INVALID: 400,
  PARAPET_SERVER_BUSY: 429,
  PARAPET_SERVER_STOPPING: 503,
  PARAPET_SERVER_TIMEOUT: 504,
  PARAPET_SERVER_UPSTREAM_MISSING: 404,
  PARAPET_SERVER_UPSTREAM_FAILED: 502,
  PARAPET_SERVER_UNSUPPORTED: 400,
  PARAPET_CONTEXT_INVALID: 400,
  PARAPET_GRANT_REFUSED: 403,
  PARAPET_TICKET_UNKNOWN: 404,
  PARAPET_QUEUE_INVALID: 400,
  PARAPET_ADAPTER_CONTEXT_INVALID: 400,
  PARAPET_ADAPTER_REQUEST_MALFORMED: 400,
  PARAPET_ADAPTER_REQUEST_REFUSED: 400,
  PARAPET_ADAPTER_PART_UNKNOWN: 400,
  PARAPET_ADAPTER_PROVIDER_FAILED: 502,
  PARAPET_ADAPTER_ANSWER_MALFORMED: 502,
  PARAPET_ADAPTER_STREAM_ENDED: 502,
  PARAPET_ADAPTER_TOO_LARGE: 502,
}

/** The names that OpenAI's clients know errors by. */
function kindOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 429) return 'rate_limit_error'
  return status < 500 ? 'invalid_request_error' : 'server_error'
}

/** What a caller is told of an error, in the form that OpenAI's clients read. */
export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: null
    readonly code: string
  }
}

/** An error as it may be told. */
export interface TellableError {
  readonly status: number
  readonly retryable: boolean
  readonly body: ErrorBody
}

/**
 * An error as it may be told: ours with its code, any other as PARAPET_SERVER_FAILED. What went wrong inside is told by its
 * code alone: the message is for operators, and may name a file of theirs.
 */
export function tellableError(error: unknown): TellableError {
  const told = isParapetError(error) ? error : serverError('PARAPET_SERVER_FAILED', undefined)
  const { code, retryable } = told
  const status = STATUS[code] ?? (retryable ? 503 : 500)
  const message =
    status < 500 || /^PARAPET_(SERVER|ADAPTER)_/.test(code)
      ? told.message
      : `The question was not answered (${code}). docs/errors.md says what it means.`
  return { status, retryable, body: { error: { message, type: kindOf(status), param: null, code } } }
}

/** A connection whose body was not read to its end cannot be used again. */
const ENDS_CONNECTION = [408, 413]

/** Answers with an error: typed JSON, and when to come back. */
export function errorResponse(error: unknown): Response {
  const { status, body, retryable } = tellableError(error)
  const headers: Record<string, string> = {}
  if (status === 401) headers['www-authenticate'] = 'Bearer'
  // OpenAI's clients try again by themselves: where that cannot help, judging and asking a model anew is a waste.
  if (!retryable) headers['x-should-retry'] = 'false'
  else if (status !== 408) headers['retry-after'] = '1'
  if (ENDS_CONNECTION.includes(status) || body.error.code === 'PARAPET_SERVER_STOPPING')
    headers['connection'] = 'close'
  return Response.json(body, { status, headers })
}
