/** What is known of a webhook: it is new, somebody is working on it, or that is done. */
export type WebhookProgress = 'new' | 'working' | 'done'

/** Remembers which webhooks came already. Over several machines, keep it in their database. */
export interface ReplayWindow {
  /**
   * What is known of this id. Where it is new, it is being worked on from now on, until `done` or `forget` is called. It is
   * remembered until `until`, in milliseconds since the epoch.
   */
  begin(id: string, until: number): WebhookProgress | Promise<WebhookProgress>
  /** What it asked for is done. */
  done(id: string): void | Promise<void>
  /** Forgets an id, so that it may come again: what it asked for was not done. */
  forget(id: string): void | Promise<void>
}

/** How many ids are remembered at the most: what a receiver gets within the window. */
const MOST_IDS = 100_000

/** A replay window within the process. */
export function memoryReplayWindow(options: { readonly now?: () => number } = {}): ReplayWindow {
  const { now = Date.now } = options
  const seen = new Map<string, { readonly until: number; readonly progress: 'working' | 'done' }>()
  return {
    begin: (id, until) => {
      for (const [old, { until: oldUntil }] of seen) {
        // Oldest first: what comes after is younger.
        if (oldUntil > now() && seen.size < MOST_IDS) break
        seen.delete(old)
      }
      const before = seen.get(id)
      if (before) return before.progress
      seen.set(id, { until, progress: 'working' })
      return 'new'
    },
    done: (id) => {
      const before = seen.get(id)
      if (before) seen.set(id, { ...before, progress: 'done' })
    },
    forget: (id) => {
      seen.delete(id)
    },
  }
}
