/** Somebody waits for an item. */
interface Waiter {
  readonly settle: () => void
  readonly fail: (error: Error) => void
}

/** Those who wait for items to be settled. Asks `poll` every `pollMs` while there are any, and keeps no timer else. */
export class Waiters {
  readonly #poll: (ids: readonly string[]) => Promise<readonly string[]>
  readonly #pollMs: number | undefined
  readonly #byId = new Map<string, Set<Waiter>>()
  #timer: NodeJS.Timeout | undefined

  /** `pollMs` is undefined where nobody else can settle an item. */
  constructor(poll: (ids: readonly string[]) => Promise<readonly string[]>, pollMs: number | undefined) {
    this.#poll = poll
    this.#pollMs = pollMs
  }

  /** Resolves when the item is settled; `leave` must be called when nobody waits any more. */
  join(id: string): { readonly settled: Promise<void>; readonly leave: () => void } {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // Whoever joined may not listen yet when the queue closes.
    promise.catch(() => {})
    const waiter: Waiter = { settle: resolve, fail: reject }
    const others = this.#byId.get(id)
    if (others) others.add(waiter)
    else this.#byId.set(id, new Set([waiter]))
    this.#schedule()
    return { settled: promise, leave: () => this.#leave(id, waiter) }
  }

  /** These items are approved, rejected or expired. */
  settle(ids: readonly string[]): void {
    for (const id of ids) for (const waiter of this.#byId.get(id) ?? []) waiter.settle()
  }

  /** Nothing more will come. */
  failAll(error: () => Error): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const waiters of this.#byId.values()) for (const waiter of waiters) waiter.fail(error())
    this.#byId.clear()
  }

  #leave(id: string, waiter: Waiter): void {
    const waiters = this.#byId.get(id)
    waiters?.delete(waiter)
    if (waiters?.size === 0) this.#byId.delete(id)
    if (this.#byId.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #schedule(): void {
    if (this.#pollMs === undefined || this.#timer || this.#byId.size === 0) return
    this.#timer = setTimeout(() => {
      // A poll that fails (a locked database) is made up for by the next; the waiter's own last read reports it.
      this.#poll([...this.#byId.keys()])
        .then((ids) => this.settle(ids))
        .catch(() => {})
        .finally(() => {
          this.#timer = undefined
          this.#schedule()
        })
    }, this.#pollMs)
  }
}
