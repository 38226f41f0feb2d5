/** What became of a held answer. `gone`: the ticket is nobody's, or its text was erased. */
export type HeldEnd =
  | { readonly state: 'answer'; readonly text: string }
  | { readonly state: 'denied'; readonly message: string; readonly mayAppeal: boolean }
  | { readonly state: 'gone' }

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/**
 * Asks for a held answer until there is one, in the browser: each request stays open for a while at the server. What fails in
 * a way that may pass is tried again, with growing pauses. Rejects when the signal aborts, and for nothing else.
 */
export async function followHeld(
  ticket: string,
  {
    signal,
    request = fetch,
    firstPauseMs = FIRST_PAUSE_MS,
  }: {
    readonly signal: AbortSignal
    readonly request?: typeof fetch
    readonly firstPauseMs?: number
  },
): Promise<HeldEnd> {
  for (let failures = 0; ; ) {
    const found = await request(`/api/held?ticket=${encodeURIComponent(ticket)}`, {
      signal,
      cache: 'no-store',
    })
      .then(endOf)
      .catch(() => 'failed' as const)
    signal.throwIfAborted()
    if (typeof found === 'object') return found
    failures = found === 'failed' ? failures + 1 : 0
    if (failures > 0) await pause(Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** (failures - 1)), signal)
  }
}

async function endOf(response: Response): Promise<HeldEnd | 'held' | 'failed'> {
  if (response.status === 400 || response.status === 404 || response.status === 410) return { state: 'gone' }
  if (!response.ok) return 'failed'
  const body = (await response.json()) as HeldEnd | { readonly state: 'held' }
  return body.state === 'held' ? 'held' : body
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  })
}
