import { fault } from '../../errors/codes.ts'

/** Scores of a text are a kilobyte or so; what is larger is no answer of a classifier. */
export const MOST_ANSWER_BYTES = 1024 * 1024

/** Calls a service over HTTP, held to what an answer may be. */
export type GuardedFetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * A `fetch` that reaches the named origins alone, follows no redirect, and hands on nothing but whole JSON answers of
 * bounded size. What it throws holds nothing of the request, neither the text nor the key.
 * @throws the fetch itself: `PARAPET_REMOTE_UNREACHABLE`, `…_UNAUTHORIZED`, `…_REFUSED`, `…_RATE_LIMITED`,
 *   `…_UNAVAILABLE`, `…_REDIRECTED`, `…_CONTENT_TYPE`, `…_ANSWER_TOO_LARGE`
 */
export function guardedFetch(
  detector: string,
  origins: readonly string[],
  maxBytes: number = MOST_ANSWER_BYTES,
): GuardedFetch {
  return async (url, init = {}) => {
    const target = new URL(url instanceof Request ? url.url : url)
    if (!origins.includes(target.origin)) throw fault('PARAPET_REMOTE_REDIRECTED', { detector, status: 0 })
    const unreachable = (error: unknown) =>
      fault('PARAPET_REMOTE_UNREACHABLE', { detector, problem: networkProblem(error) })
    const response = await fetch(target, { ...init, redirect: 'manual' }).catch((error: unknown) => {
      throw unreachable(error)
    })
    const problem = problemOf(detector, response)
    if (problem) {
      await response.body?.cancel().catch(() => undefined)
      throw problem
    }
    const bytes = await readAtMost(detector, response, maxBytes, unreachable)
    return new Response(bytes, { headers: { 'content-type': 'application/json' } })
  }
}

/** The JSON of a guarded response. @throws `PARAPET_REMOTE_ANSWER_MALFORMED` */
export async function readJson(detector: string, response: Response): Promise<unknown> {
  const bytes = await response.arrayBuffer()
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw fault('PARAPET_REMOTE_ANSWER_MALFORMED', { detector, problem: 'it is not whole JSON in UTF-8' })
  }
}

function problemOf(detector: string, response: Response) {
  const { status, headers } = response
  if (response.type === 'opaqueredirect' || (status >= 300 && status < 400)) {
    return fault('PARAPET_REMOTE_REDIRECTED', { detector, status })
  }
  if (status === 429) {
    const retryAfterMs = retryAfter(headers.get('retry-after'))
    return Object.assign(fault('PARAPET_REMOTE_RATE_LIMITED', { detector, retryAfterMs }), { retryAfterMs })
  }
  if (status === 408 || status >= 500) {
    const retryAfterMs = retryAfter(headers.get('retry-after'))
    return Object.assign(fault('PARAPET_REMOTE_UNAVAILABLE', { detector, status }), { retryAfterMs })
  }
  if ([401, 402, 403, 404].includes(status)) return fault('PARAPET_REMOTE_UNAUTHORIZED', { detector, status })
  if (status !== 200) return fault('PARAPET_REMOTE_REFUSED', { detector, status })
  const type = headers.get('content-type') ?? ''
  if (/^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i.test(type)) return undefined
  return fault('PARAPET_REMOTE_CONTENT_TYPE', { detector })
}

/** `Retry-After` in milliseconds: seconds, or a date. 0 where it says nothing. */
function retryAfter(header: string | null): number {
  if (header === null) return 0
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now())
}

/** Reads a body that may lie about its length, and may be a bomb of zeros once it is unpacked. */
async function readAtMost(
  detector: string,
  response: Response,
  maxBytes: number,
  unreachable: (error: unknown) => Error,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = () => fault('PARAPET_REMOTE_ANSWER_TOO_LARGE', { detector, maxBytes })
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  try {
    if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge()
    while (reader) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw unreachable(error)
      })
      if (done) break
      length += value.length
      if (length > maxBytes) throw tooLarge()
      chunks.push(value)
    }
  } finally {
    await reader?.cancel().catch(() => undefined)
  }
  return new Uint8Array(Buffer.concat(chunks, length))
}

/** The system's name of a fault, such as `ECONNREFUSED`: a message may quote what was sent. */
function networkProblem(error: unknown): string {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } }
  const name = cause?.code ?? code
  return typeof name === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(name) ? name : 'the connection failed'
}
