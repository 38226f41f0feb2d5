import type { StoredItem } from '@parapet/sdk/review-rules'
import type { PostgresConnection } from './driver.ts'
import { driverOf, type PostgresDatabase } from './driver-of.ts'
import { toColumns } from './item-row.ts'
import { versionOf } from './migrate.ts'
import { MIGRATIONS } from './migrations.ts'
import { type PostgresQueueOptions, resolvePostgresQueueOptions } from './options.ts'
import { toQueueError } from './postgres-fault.ts'
import { countDeadTexts, vacuumsItself } from './queries/erased-text.ts'

/** How many items are read at a time. */
const PAGE = 1_000

/** What a database's schema is. */
export interface PostgresSchema {
  /** The version in the database; 0 where there is none yet. */
  readonly version: number
  /** The steps that this release would take, oldest first. */
  readonly pending: readonly string[]
}

/** What a check of a database found. */
export interface PostgresCheck {
  /** `ok`, or what lets the log be changed. */
  readonly integrity: string
  /** Rows of text and entries of the log whose item is not there. */
  readonly orphans: number
  /** Items whose columns say something else than their document. */
  readonly mismatched: number
  /** Rows with text that was erased, or written anew, and that the server has not vacuumed yet: by its count, some seconds late. */
  readonly deadTexts: number
  /** Whether the server vacuums by itself. */
  readonly vacuumsItself: boolean
}

type Options = Pick<PostgresQueueOptions, 'schema' | 'timeoutMs'>

/** Reads the schema's version, and changes nothing. @throws PARAPET_QUEUE_NEWER_VERSION, PARAPET_QUEUE_FOREIGN, … */
export function postgresSchema(database: PostgresDatabase, options: Options = {}): Promise<PostgresSchema> {
  return inspect(database, options, async (connection, place) => {
    const version = await versionOf(connection, place, MIGRATIONS.length)
    return { version, pending: MIGRATIONS.slice(version).map(({ name }) => name) }
  })
}

/** Checks a database: reads all of it, and changes nothing. */
export function checkPostgresQueue(
  database: PostgresDatabase,
  options: Options = {},
): Promise<PostgresCheck> {
  return inspect(database, options, async (connection, { schema }) => ({
    integrity: await logGuard(connection, schema),
    orphans: await countOrphans(connection, schema),
    mismatched: await countMismatched(connection, schema),
    deadTexts: await countDeadTexts(connection, schema),
    vacuumsItself: await vacuumsItself(connection),
  }))
}

async function inspect<Found>(
  database: PostgresDatabase,
  options: Options,
  look: (
    connection: PostgresConnection,
    place: { readonly schema: string; readonly where: string },
  ) => Promise<Found>,
): Promise<Found> {
  const { schema, timeoutMs, busyTimeoutMs } = resolvePostgresQueueOptions(options)
  const where = `schema "${schema}" in PostgreSQL`
  const driver = driverOf(database, { timeoutMs, connections: 1 })
  try {
    const connection = await driver.connect()
    try {
      return await look(connection, { schema, where })
    } finally {
      connection.release()
    }
  } catch (error) {
    throw toQueueError(error, { where, busyTimeoutMs })
  } finally {
    await driver.close()
  }
}

async function logGuard(connection: PostgresConnection, schema: string): Promise<string> {
  const [trigger] = await connection.query(
    `SELECT tgenabled::text AS enabled FROM pg_catalog.pg_trigger
     WHERE tgrelid = '${schema}.review_event'::regclass AND tgname = 'review_event_append_only'`,
    [],
  )
  if (!trigger) return 'the trigger that keeps the log append-only is gone'
  return trigger['enabled'] === 'D' ? 'the trigger that keeps the log append-only is off' : 'ok'
}

async function countOrphans(connection: PostgresConnection, schema: string): Promise<number> {
  const [row] = await connection.query(
    `SELECT (SELECT count(*) FROM ${schema}.review_text WHERE seq NOT IN (SELECT seq FROM ${schema}.review_item))::float8
       + (SELECT count(*) FROM ${schema}.review_event WHERE item_id NOT IN (SELECT id FROM ${schema}.review_item))::float8
       AS orphans`,
    [],
  )
  return Number(row?.['orphans'])
}

async function countMismatched(connection: PostgresConnection, schema: string): Promise<number> {
  let mismatched = 0
  for (let last = 0; ; ) {
    const rows = await connection.query(
      `SELECT seq::float8 AS seq, id, tenant, key_digest, team, state, revision, rank, due_at::float8 AS due_at, entry,
         EXISTS (SELECT 1 FROM ${schema}.review_text AS stored WHERE stored.seq = review_item.seq) AS has_text
       FROM ${schema}.review_item WHERE seq > $1 ORDER BY seq LIMIT ${PAGE}`,
      [last],
    )
    for (const { seq, entry, has_text: hasText, ...columns } of rows) {
      last = Number(seq)
      const item = JSON.parse(entry as string) as StoredItem
      // Whether there is text is all that its columns depend on.
      const expected: Record<string, unknown> = toColumns(hasText ? { ...item, contentJson: '' } : item)
      if (Object.entries(columns).some(([name, value]) => value !== expected[name])) mismatched += 1
    }
    if (rows.length < PAGE) return mismatched
  }
}
