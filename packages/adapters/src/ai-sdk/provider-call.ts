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
    async race(promise) {
      const pending = Promise.resolve(promise)
      // When the caller gives up first, nobody waits for what becomes of it.
      pending.catch(ignore)
      signal.throwIfAborted()
      let stop = ignore
      const aborted = new Promise<never>((_, reject) => {
        const onSignal = () => reject(signal.reason)
        signal.addEventListener('abort', onSignal, { once: true })
        stop = () => signal.removeEventListener('abort', onSignal) as undefined
      })
      try {
        return await Promise.race([pending, aborted])
      } finally {
        stop()
      }
    },
    close: () => caller?.removeEventListener('abort', onAbort),
  }
}
