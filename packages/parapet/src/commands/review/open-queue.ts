import { existsSync } from 'node:fs'
import { checkSqliteQueue, type LogCheck, sqliteQueue, sqliteSchema } from '@parapet/adapters/sqlite'
import type { ReviewQueue } from '@parapet/sdk'
import { cliError } from '../../errors/codes.ts'

/** A queue that the command was pointed at. */
export interface OpenedQueue {
  readonly queue: ReviewQueue & {
    verifyLog(): Promise<LogCheck>
    /** SQLite's alone. */
    erasedTextLeft?(): Promise<boolean>
    /** PostgreSQL's alone. */
    vacuumErased?(): Promise<number>
  }
  readonly schema: () => Promise<{ readonly version: number; readonly pending: readonly string[] }>
  readonly check: () => Promise<{
    readonly integrity: string
    readonly orphans: number
    readonly mismatched: number
    /** PostgreSQL's alone. */
    readonly deadTexts?: number
    readonly vacuumsItself?: boolean
  }>
}

/**
 * Opens a queue: a file, or a `postgres://` URL, whose `schema` parameter names the schema.
 * @throws PARAPET_CLI_QUEUE_MISSING for one that is not there: a new one would only look empty. `make` makes a schema
 */
export async function openQueue(given: string | undefined, { make = false } = {}): Promise<OpenedQueue> {
  const place = given ?? process.env['PARAPET_QUEUE'] ?? 'review.db'
  if (isPostgres(place)) return openPostgres(place, make)
  if (!existsSync(place)) throw cliError('PARAPET_CLI_QUEUE_MISSING', { path: place })
  return {
    queue: sqliteQueue(place),
    schema: async () => sqliteSchema(place),
    check: async () => checkSqliteQueue(place),
  }
}

/** The queue at a place, a file or a `postgres://` URL; made where it is not there. */
export async function queueAt(place: string): Promise<ReviewQueue> {
  return isPostgres(place) ? (await openPostgres(place, true)).queue : sqliteQueue(place)
}

const isPostgres = (place: string) => /^postgres(ql)?:\/\//.test(place)

async function openPostgres(place: string, make: boolean): Promise<OpenedQueue> {
  // Loaded when it is asked for: most queues are files.
  const { checkPostgresQueue, postgresQueue, postgresSchema } = await import('@parapet/adapters/postgres')
  const url = new URL(place)
  const schema = url.searchParams.get('schema')
  url.searchParams.delete('schema')
  const options = schema === null ? {} : { schema }
  if (!make && (await postgresSchema(url.href, options)).version === 0) {
    // Without the URL, which may hold a password.
    throw cliError('PARAPET_CLI_QUEUE_MISSING', { path: `schema "${schema ?? 'parapet'}" of the server` })
  }
  return {
    queue: postgresQueue(url.href, options),
    schema: () => postgresSchema(url.href, options),
    check: () => checkPostgresQueue(url.href, options),
  }
}
