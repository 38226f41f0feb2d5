/** Remembers which webhooks came already. Over several machines, keep it in their database. */
export interface ReplayWindow {
  /** Whether this id comes for the first time; it is remembered until `until`, in milliseconds since the epoch. */
  first(id: string, until: number): boolean | Promise<boolean>
  /** Forgets an id, so that it may come again: what it asked for was not done. */
  forget(id: string): void | Promise<void>
}

/** How many ids are remembered at the most: what a receiver gets within the window. */
const MOST_IDS = 100_000

/** A replay window within the process. */
export function memoryReplayWindow(options: { readonly now?: () => number } = {}): ReplayWindow {
  const { now = Date.now } = options
  const seen = new Map<string, number>()
  return {
    first: (id, until) => {
      for (const [old, oldUntil] of seen) {
        // Oldest first: what comes after is younger.
        if (oldUntil > now() && seen.size < MOST_IDS) break
        seen.delete(old)
      }
      if (seen.has(id)) return false
      seen.set(id, until)
      return true
    },
    forget: (id) => {
      seen.delete(id)
    },
  }
}
