import { DatabaseSync } from 'node:sqlite'
import { migrate } from './migrate.ts'

/** What the worker is told. */
export interface DatabaseOptions {
  readonly path: string
  readonly busyTimeoutMs: number
  /** The most the file may grow to, in bytes; undefined for no bound. */
  readonly maxBytes: number | undefined
}

/**
 * Opens the database, creates or migrates its schema, and sets it up for durable writes. Throws SQLite's errors and
 * `QueueFault`, with nothing left open.
 */
export function openDatabase(options: DatabaseOptions): DatabaseSync {
  const database = new DatabaseSync(options.path)
  try {
    database.exec(`PRAGMA busy_timeout = ${options.busyTimeoutMs}`)
    // What is erased is overwritten with zeros, not merely unlinked; what a migration moves, too.
    database.exec('PRAGMA secure_delete = ON')
    migrate(database, options)
    // A commit is on the disk before it returns; write-ahead logging makes that one fsync, and lets readers go on.
    database.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    // Room for the upper pages of every index of a long queue, and for a write-ahead log of 16 MB between checkpoints:
    // both spare reads and writes once there are many items.
    database.exec('PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4096')
    if (options.maxBytes !== undefined) {
      const { page_size: pageSize } = database.prepare('PRAGMA page_size').get() as { page_size: number }
      database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(options.maxBytes / pageSize))}`)
    }
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
