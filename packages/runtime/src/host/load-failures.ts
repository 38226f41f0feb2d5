import type { RuntimeError } from '../errors/runtime-error.ts'

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 60_000

/**
 * What could not be loaded, and since when. A failed load is not tried again at every request, which would hash and
 * parse the same broken file, or crash host after host: each failure doubles the pause before the next try.
 */
export class LoadFailures {
  readonly #failures = new Map<string, { error: RuntimeError; attempts: number; retryAt: number }>()

  /** The error of a load that is not to be tried again yet. */
  cooling(key: string, now = performance.now()): RuntimeError | undefined {
    const failure = this.#failures.get(key)
    return failure && now < failure.retryAt ? failure.error : undefined
  }

  /** How many loads of this part failed in a row, this one included. */
  nextAttempt(key: string): number {
    return (this.#failures.get(key)?.attempts ?? 0) + 1
  }

  failed(key: string, error: RuntimeError, now = performance.now()): void {
    const attempts = this.nextAttempt(key)
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS)
    this.#failures.set(key, { error, attempts, retryAt: now + pause })
  }

  loaded(key: string): void {
    this.#failures.delete(key)
  }
}
