/** The longest delay that a timer of Node can hold. */
const LONGEST_MS = 2_147_483_647
/** With a clock that stands still, something may be due in 0 ms for ever: never spin. */
const SHORTEST_MS = 10
/** After a fault (a locked database) the next try. */
const RETRY_MS = 1_000

/** One timer for everything that falls due. Never keeps the process alive. */
export class DueTimer {
  readonly #now: () => number
  readonly #fire: () => Promise<unknown>
  #dueAt: number | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  /** `fire` puts into effect what is due, and leads to a new `set`. */
  constructor(now: () => number, fire: () => Promise<unknown>) {
    this.#now = now
    this.#fire = fire
  }

  /** When the next thing falls due, by the clock given; undefined for never. */
  set(dueAt: number | undefined): void {
    if (this.#stopped || (dueAt === this.#dueAt && (this.#timer || dueAt === undefined))) return
    this.#dueAt = dueAt
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (dueAt !== undefined) this.#start(dueAt - this.#now())
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #start(delayMs: number): void {
    const ms = Math.min(Math.max(delayMs, SHORTEST_MS), LONGEST_MS)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#fire().catch(() => {
        if (!this.#stopped && !this.#timer) this.#start(RETRY_MS)
      })
    }, ms)
    this.#timer.unref()
  }
}
