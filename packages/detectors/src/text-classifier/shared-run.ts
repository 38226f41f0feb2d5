/**
 * One piece of work that several wait for. Each waits under its own signal; the work is aborted when the last of
 * them has left.
 */
export class SharedRun<Result> {
  readonly result: Promise<Result>
  readonly #controller = new AbortController()
  #waiting = 0
  #settled = false

  constructor(work: (signal: AbortSignal) => Promise<Result>) {
    this.result = work(this.#controller.signal)
    const settle = () => {
      this.#settled = true
    }
    // Those who wait see a rejection; when all have left, nobody does.
    this.result.then(settle, settle)
  }

  /** Whether everybody left and the work was aborted: it must not be joined any more. */
  get abandoned(): boolean {
    return this.#controller.signal.aborted
  }

  /** Waits for the result. Rejects with the signal's reason when `signal` aborts first. */
  async join(signal: AbortSignal): Promise<Result> {
    this.#waiting += 1
    let leave = () => {}
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason)
      signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) leave()
    })
    try {
      return await Promise.race([this.result, left])
    } finally {
      signal.removeEventListener('abort', leave)
      this.#waiting -= 1
      // The last one's reason: whether the budget was spent or somebody went away is for the work to tell apart.
      if (this.#waiting === 0 && !this.#settled) this.#controller.abort(signal.reason)
    }
  }
}
