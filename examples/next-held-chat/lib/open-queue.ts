import { type ReviewQueue, sqliteQueue } from 'parapet'

/**
 * The queue that the app and its reviewers share: a file for one machine, or a `postgres://` URL for any number.
 * Never one in memory: Next may load this module once for each route.
 */
export async function openQueue(place = process.env['PARAPET_QUEUE'] ?? 'review.db'): Promise<ReviewQueue> {
  if (!place.startsWith('postgres')) return sqliteQueue(place)
  // Loaded where it is asked for: who keeps a file needs no `pg`.
  const { postgresQueue } = await import('@parapet/adapters/postgres')
  return postgresQueue(place)
}
