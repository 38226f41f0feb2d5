import type { DatabaseSync } from 'node:sqlite'
import { queueFault } from '@parapet/sdk/review-rules'
import { MIGRATIONS, type Migration } from './migrations.ts'

/** Marks the file as a review queue, in the header field that SQLite keeps for this: "PRPT". */
const APPLICATION_ID = 0x50525054

/**
 * Brings a database to the newest schema. Many processes may do so at once: the steps run in one transaction that only
 * one can hold, and who comes second finds them done.
 * @throws QueueFault for a database of a newer release, or of another program; neither is touched
 */
export function migrate(
  database: DatabaseSync,
  options: { readonly path: string; readonly busyTimeoutMs: number },
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  const known = migrations.length
  if (isCurrent(database, options.path, known)) return
  enterWal(database, options.busyTimeoutMs)
  // A step may build a table anew; within a transaction this could not be turned off.
  database.exec('PRAGMA foreign_keys = OFF')
  database.exec('BEGIN IMMEDIATE')
  try {
    const version = versionOf(database, options.path, known)
    for (const migration of migrations.slice(version)) database.exec(migration.sql)
    if (version < known) {
      requireWhole(database, options.path)
      database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${known}`)
    }
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/**
 * Whether there is nothing to do. Read in one transaction: between two reads of their own another process could finish
 * its migration, and half of what was read would be of the empty file.
 */
function isCurrent(database: DatabaseSync, path: string, known: number): boolean {
  database.exec('BEGIN')
  try {
    return versionOf(database, path, known) === known && isWal(database)
  } finally {
    if (database.isTransaction) database.exec('ROLLBACK')
  }
}

/** The version of the schema; 0 for an empty file. */
export function versionOf(database: DatabaseSync, path: string, known: number): number {
  const application = pragma(database, 'application_id')
  const version = pragma(database, 'user_version')
  if (application !== APPLICATION_ID) {
    const empty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
    if (application !== 0 || version !== 0 || !empty) {
      throw queueFault('PARAPET_QUEUE_FOREIGN', { where: path })
    }
  }
  if (version > known) {
    throw queueFault('PARAPET_QUEUE_NEWER_VERSION', { where: path, found: version, known })
  }
  return version
}

/** What refers to rows that a step built anew must still find them. */
function requireWhole(database: DatabaseSync, path: string): void {
  const broken = database.prepare('PRAGMA foreign_key_check').get()
  if (broken) throw queueFault('PARAPET_QUEUE_CORRUPT', { where: path })
}

function isWal(database: DatabaseSync): boolean {
  return (database.prepare('PRAGMA journal_mode').get() as { journal_mode: string }).journal_mode === 'wal'
}

/**
 * Switches to write-ahead logging. SQLite does not call its busy handler for this, so that processes that start at the
 * same moment need a loop of their own.
 */
function enterWal(database: DatabaseSync, busyTimeoutMs: number): void {
  const giveUpAt = performance.now() + busyTimeoutMs
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      const busy = ((error as { errcode?: number }).errcode ?? 0) & 0xff
      if (busy !== 5 || performance.now() >= giveUpAt) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20)
    }
  }
}

function pragma(database: DatabaseSync, name: 'application_id' | 'user_version'): number {
  return (database.prepare(`PRAGMA ${name}`).get() as Record<typeof name, number>)[name]
}
