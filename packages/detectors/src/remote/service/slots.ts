import { fault } from '../../errors/codes.ts'

/** Lets so many calls run at once, and so many wait. */
export interface Slots {
  /**
   * Runs `work` when a slot is free, in the order of asking. Who is aborted while waiting leaves the queue at once.
   * @throws `PARAPET_REMOTE_OVERLOADED`, `PARAPET_DETECTOR_ABORTED`
   */
  use<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>
}

/** Slots of one detector. A bulkhead of cockatiel keeps the place of a waiter who is gone, so this is our own. */
export function createSlots(
  detector: string,
  { concurrency, queued }: { readonly concurrency: number; readonly queued: number },
): Slots {
  let running = 0
  const waiting = new Set<() => void>()
  const aborted = (cause: unknown) => fault('PARAPET_DETECTOR_ABORTED', { detector }, { cause })

  function take(signal: AbortSignal): Promise<void> | undefined {
    if (signal.aborted) throw aborted(signal.reason)
    if (running < concurrency) {
      running += 1
      return undefined
    }
    if (waiting.size >= queued) throw fault('PARAPET_REMOTE_OVERLOADED', { detector, concurrency, queued })
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        waiting.delete(enter)
        reject(aborted(signal.reason))
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.add(enter)
    })
  }

  /** A slot goes to who waited longest, or back. */
  function give(): void {
    const [next] = waiting
    if (next === undefined) {
      running -= 1
      return
    }
    waiting.delete(next)
    next()
  }

  return {
    async use(work, signal) {
      await take(signal)
      try {
        return await work()
      } finally {
        give()
      }
    },
  }
}
