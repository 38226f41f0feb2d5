/** The longest time between two looks. */
const LOOK_EVERY_MS = 500

export interface WatchdogEvents {
  /** Asks the host for a sign of life. */
  ping(): void
  /** The host gave none, also after it was asked. */
  silent(silentMs: number): void
}

/**
 * Notices a host that has work and says nothing. Before it calls a host silent it asks once more and waits again: after
 * this process was itself asleep or blocked, the host's signs of life are still on their way.
 */
export class Watchdog {
  readonly #events: WatchdogEvents
  #timer: NodeJS.Timeout | undefined
  #limitMs = 0
  #heardAt = 0
  #askedAt: number | undefined

  constructor(events: WatchdogEvents) {
    this.#events = events
  }

  /** Watches from now on; a limit that changes counts from now as well. */
  watch(limitMs: number): void {
    if (this.#timer && this.#limitMs === limitMs) return
    this.rest()
    this.#limitMs = limitMs
    this.heard()
    this.#timer = setInterval(() => this.#look(), Math.min(LOOK_EVERY_MS, Math.max(10, limitMs / 4)))
    this.#timer.unref()
  }

  rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  heard(): void {
    this.#heardAt = performance.now()
    this.#askedAt = undefined
  }

  #look(): void {
    const now = performance.now()
    if (now - this.#heardAt < this.#limitMs) return
    if (this.#askedAt === undefined) {
      this.#askedAt = now
      this.#events.ping()
      return
    }
    if (now - this.#askedAt < Math.min(this.#limitMs, 2 * LOOK_EVERY_MS)) return
    const silentMs = Math.round(now - this.#heardAt)
    this.rest()
    this.#events.silent(silentMs)
  }
}
