import type { DatabaseSync } from 'node:sqlite'
import type { ReviewDatabase } from './review-database.ts'

/** How much was erased that the write-ahead log may still hold: what `scrub` is to be called with; undefined for nothing. */
export function scrubDue(database: ReviewDatabase): number | undefined {
  const due = database.statement('SELECT erased FROM review_scrub WHERE erased > scrubbed').get()
  return due?.['erased'] as number | undefined
}

/**
 * Writes the write-ahead log back and cuts it to nothing, and with it all text that was erased before. Does not wait: false
 * where another process reads or writes.
 */
export function scrub({ database }: ReviewDatabase, due: number, busyTimeoutMs: number): boolean {
  try {
    database.exec('PRAGMA busy_timeout = 0')
    if (!isCut(database)) return false
    // What others erased meanwhile stays due.
    database.prepare('UPDATE review_scrub SET scrubbed = max(scrubbed, ?)').run(due)
    return true
  } catch {
    return false
  } finally {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  }
}

function isCut(database: DatabaseSync): boolean {
  return database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.['busy'] === 0
}
