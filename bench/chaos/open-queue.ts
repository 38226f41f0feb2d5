import { postgresQueue } from '@parapet/adapters/postgres'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import type { ReviewQueue } from '@parapet/sdk'

/** How long a client waits for an answer: short, so that a stall is noticed while it lasts. */
const TIMEOUT_MS = 300

/** The queue at a place: a `postgres://` URL or the path of a file. */
export function openQueue(place: string): ReviewQueue {
  if (!place.startsWith('postgres')) return sqliteQueue(place, { pollMs: 50 })
  return postgresQueue(place, { pollMs: 50, timeoutMs: TIMEOUT_MS, busyTimeoutMs: TIMEOUT_MS })
}
