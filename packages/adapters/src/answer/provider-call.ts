/** One call of the provider: aborted when the answer is blocked, and when the caller gives up. */
export interface ProviderCall {
  /** For the provider and the guard. */
  readonly signal: AbortSignal
  /** Whether the caller gave up: nobody waits for an answer. */
  readonly left: boolean
  /** Aborts the provider's call. */
  abort(): void
  /** The caller gives up. What was given to `onLeave` is done first, while the guard can still record. */
  leave(reason: unknown): Promise<void>
  onLeave(work: () => Promise<void>): void
  /** Settles like `promise`, or rejects as soon as the caller gives up, whatever the provider does. */
  race<Result>(promise: PromiseLike<Result>): Promise<Result>
  /** Stops listening to the caller's signal. */
  close(): void
}

const ignore = () => undefined

/** Ties a call to the caller's signal. */
export function createProviderCall(caller: AbortSignal | undefined): ProviderCall {
  const controller = new AbortController()
  const { signal } = controller
  /** One listener for the whole call: one for each piece of an answer would cost more than judging it. */
  const waiting = new Set<(reason: unknown) => void>()
  signal.addEventListener('abort', () => {
    for (const reject of waiting) reject(signal.reason)
    waiting.clear()
  })
  let left = false
  let onLeave: () => Promise<void> = async () => undefined

  async function leave(reason: unknown): Promise<void> {
    if (left) return
    left = true
    const recorded = onLeave()
    controller.abort(reason)
    await recorded
  }
  // Nobody is there to hear that the record of a call that was given up could not be stored.
  const onAbort = () => void leave(caller?.reason).catch(ignore)
  if (caller?.aborted) onAbort()
  else caller?.addEventListener('abort', onAbort, { once: true })

  return {
    signal,
    get left() {
      return left
    },
    abort: () => controller.abort(),
    leave,
    onLeave(work) {
      onLeave = work
    },
    race: (promise) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) reject(signal.reason)
        else waiting.add(reject)
        // When the caller gives up first, nobody waits for what becomes of the promise.
        promise.then(
          (value) => {
            waiting.delete(reject)
            resolve(value)
          },
          (error: unknown) => {
            waiting.delete(reject)
            reject(error)
          },
        )
      }),
    close: () => caller?.removeEventListener('abort', onAbort),
  }
}
