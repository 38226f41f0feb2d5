import { fault } from '../errors/codes.ts'
import { isRuntimeError } from '../errors/runtime-error.ts'
import { checkRedirect } from './address.ts'
import { hubFault } from './codes.ts'
import type { ResolvedHub } from './hub-options.ts'
import { idleSignal } from './idle-signal.ts'

/** An answer of the hub, or of the host that it sent the request on to. */
export interface HubAnswer {
  readonly status: number
  readonly headers: Headers
  /** The host that answered, for messages. */
  readonly host: string
  /** The body in chunks; each keeps the request alive for another `idleTimeoutMs`. */
  chunks(): AsyncGenerator<Uint8Array>
}

const MOST_REDIRECTS = 5
const REDIRECTS = [301, 302, 303, 307, 308]
const LONGEST_WAIT_MS = 60_000

/**
 * Asks for an address of the hub, follows where it sends the request on to, and hands over the answer while `take` runs.
 * The token goes to the endpoint's own origin alone, also after a redirect. Statuses of failure become errors.
 * @throws `PARAPET_HUB_UNREACHABLE`, `…_RATE_LIMITED`, `…_UNAVAILABLE`, `…_UNAUTHORIZED`, `…_NOT_FOUND`, `…_REFUSED`,
 *   `…_REDIRECT_REFUSED`, `PARAPET_RUNTIME_ABORTED`
 */
export async function hubFetch<Result>(
  hub: ResolvedHub,
  address: URL,
  about: { repository: string; revision: string; headers?: Readonly<Record<string, string>> },
  take: (answer: HubAnswer) => Promise<Result>,
): Promise<Result> {
  const watch = idleSignal(hub.idleTimeoutMs, hub.signal)
  let host = address.host
  try {
    const response = await follow(hub, address, about.headers ?? {}, watch.signal, (next) => {
      host = next
      watch.touch()
    })
    try {
      const problem = problemOf(response, host, about)
      if (problem) throw problem
      const { status, headers, body } = response
      const chunks = async function* () {
        for await (const chunk of body ?? []) {
          watch.touch()
          yield chunk
        }
      }
      return await take({ status, headers, host, chunks })
    } finally {
      // A body that was not read to its end would keep its connection.
      if (!response.bodyUsed) await response.body?.cancel().catch(() => {})
    }
  } catch (error) {
    if (hub.signal.aborted) throw fault('PARAPET_RUNTIME_ABORTED', {}, { cause: hub.signal.reason })
    if (watch.idle())
      throw hubFault('PARAPET_HUB_UNREACHABLE', { host, problem: `nothing came for ${hub.idleTimeoutMs} ms` })
    if (isRuntimeError(error) || !isNetworkFault(error)) throw error
    throw hubFault('PARAPET_HUB_UNREACHABLE', { host, problem: networkProblem(error) }, { cause: error })
  } finally {
    watch.end()
  }
}

async function follow(
  { endpoint, token }: ResolvedHub,
  address: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  heard: (host: string) => void,
): Promise<Response> {
  let url = address
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    heard(url.host)
    const authorization =
      token !== undefined && url.origin === endpoint.origin ? { authorization: `Bearer ${token}` } : {}
    const response = await fetch(url, {
      redirect: 'manual',
      signal,
      // Compressed bytes have other places than the file's own.
      headers: { 'user-agent': 'parapet', 'accept-encoding': 'identity', ...headers, ...authorization },
    })
    if (!REDIRECTS.includes(response.status)) return response
    await response.body?.cancel().catch(() => {})
    url = checkRedirect(response.headers.get('location'), url, endpoint)
  }
  const problem = `more than ${MOST_REDIRECTS} times in a row`
  throw hubFault('PARAPET_HUB_REDIRECT_REFUSED', { host: url.host, problem })
}

function problemOf(
  { status, headers }: Response,
  host: string,
  { repository, revision }: { repository: string; revision: string },
): Error | undefined {
  // 416: the part that is here is as long as the file, or longer; the caller looks.
  if ((status >= 200 && status < 300) || status === 416) return undefined
  if (status === 401 || status === 403) return hubFault('PARAPET_HUB_UNAUTHORIZED', { repository, status })
  if (status === 404 || status === 410) return hubFault('PARAPET_HUB_NOT_FOUND', { repository, revision })
  if (status !== 429 && status !== 408 && status < 500)
    return hubFault('PARAPET_HUB_REFUSED', { host, status })
  const retryAfterMs = waitOf(headers.get('retry-after'))
  const problem =
    status === 429
      ? hubFault('PARAPET_HUB_RATE_LIMITED', { host })
      : hubFault('PARAPET_HUB_UNAVAILABLE', { host, status })
  return Object.assign(problem, { retryAfterMs })
}

/** How long the hub asks to wait, in milliseconds; a minute at most. The header holds seconds or a date. */
function waitOf(header: string | null): number {
  if (header === null) return 0
  const wait = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_WAIT_MS) : 0
}

/**
 * What `fetch` and bodies throw when a connection fails, by its name: the class is another one in another realm. An
 * error of the disk has another name.
 */
function isNetworkFault(error: unknown): boolean {
  return ['TypeError', 'AbortError'].includes(String((error as { name?: unknown } | null)?.name))
}

/** The system's own name of the fault, such as ECONNREFUSED: a message of another library may hold an address. */
function networkProblem(error: unknown): string {
  const { code } = ((error as { cause?: unknown }).cause ?? {}) as { code?: unknown }
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'the connection failed'
}
