import { DatabaseSync } from 'node:sqlite'
import { queueError } from '@parapet/sdk'
import { QueueFault } from '@parapet/sdk/review-rules'
import { versionOf } from './migrate.ts'
import { MIGRATIONS } from './migrations.ts'
import { toFault } from './sqlite-fault.ts'

/** Which schema a file has. */
export interface SqliteSchema {
  /** 0 for an empty file. */
  readonly version: number
  /** The names of the steps that the next opening takes. */
  readonly pending: readonly string[]
}

/** What a look at a file found. */
export interface SqliteCheck {
  /** `ok`, or SQLite's word for the first thing that is broken. */
  readonly integrity: string
  /** Rows that name an item which is not there. */
  readonly orphans: number
  /** Items whose columns differ from what their document says. */
  readonly mismatched: number
}

/**
 * Says which schema a file has, and changes nothing. Not in a process that has the queue open: closing any handle on a file
 * drops SQLite's locks on it (POSIX).
 * @throws PARAPET_QUEUE_FOREIGN, PARAPET_QUEUE_NEWER_VERSION, PARAPET_QUEUE_UNREACHABLE, PARAPET_QUEUE_CORRUPT
 */
export function sqliteSchema(path: string): SqliteSchema {
  return inspect(path, (database) => {
    const version = versionOf(database, path, MIGRATIONS.length)
    return { version, pending: MIGRATIONS.slice(version).map(({ name }) => name) }
  })
}

/**
 * Looks for damage in a file of the newest schema, and changes nothing. Reads all of it. As `sqliteSchema`, not in a process
 * that has the queue open.
 * @throws as `sqliteSchema` does
 */
export function checkSqliteQueue(path: string): SqliteCheck {
  return inspect(path, (database) => {
    const [integrity = { quick_check: 'ok' }] = database.prepare('PRAGMA quick_check(1)').all()
    const orphans = database.prepare('PRAGMA foreign_key_check').all().length
    const differs = ['id', 'tenant', 'key', 'kind', 'team', 'state', 'priority']
      .map((column) => `${column} IS NOT document ->> '$.${column}'`)
      .join(' OR ')
    const mismatched = database.prepare(`SELECT count(*) AS n FROM review_item WHERE ${differs}`).get()?.['n']
    return { integrity: String(integrity['quick_check']), orphans, mismatched: Number(mismatched ?? 0) }
  })
}

function inspect<Found>(path: string, look: (database: DatabaseSync) => Found): Found {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true })
    return look(database)
  } catch (error) {
    const { code, details } =
      error instanceof QueueFault ? error.fault : toFault(error, { path, busyTimeoutMs: 0 })
    throw (queueError as (code: string, details: unknown) => Error)(code, details)
  } finally {
    database?.close()
  }
}
