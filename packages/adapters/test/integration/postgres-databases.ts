import { randomBytes } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import type { OpenQueue } from '@parapet/sdk/testing'
import pg from 'pg'
import {
  type PostgresDatabase,
  type PostgresQueue,
  type PostgresQueueOptions,
  postgresQueue,
} from '../../src/postgres/index.ts'

/** The server that tests use where one answers. */
const SERVER = process.env['PARAPET_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

/** A database for tests. */
export interface TestDatabase {
  readonly name: string
  /** What a queue is opened on: for a server its URL, so that each handle has connections of its own. */
  readonly database: PostgresDatabase
  readonly query: (text: string, values?: unknown[]) => Promise<readonly Record<string, unknown>[]>
  readonly close: () => Promise<void>
}

/** PostgreSQL within the process. */
export async function openPGlite(): Promise<TestDatabase> {
  const pglite = await PGlite.create()
  return {
    name: 'PGlite',
    database: pglite,
    query: async (text, values) => (await pglite.query<Record<string, unknown>>(text, values)).rows,
    close: () => pglite.close(),
  }
}

/** A database of its own on the server; undefined where no server answers. */
export async function openServerDatabase(): Promise<(TestDatabase & { readonly url: string }) | undefined> {
  const admin = new pg.Pool({ connectionString: SERVER, max: 1, connectionTimeoutMillis: 2_000 })
  const name = `parapet_test_${randomBytes(6).toString('hex')}`
  try {
    await admin.query(`CREATE DATABASE ${name}`)
  } catch {
    await admin.end()
    return undefined
  }
  const url = Object.assign(new URL(SERVER), { pathname: `/${name}` }).href
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  pool.on('error', () => {})
  return {
    name: 'PostgreSQL',
    url,
    database: url,
    query: async (text, values) => (await pool.query(text, values)).rows,
    close: async () => {
      await pool.end()
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}

/** Whether a server answers. */
export async function isServerThere(): Promise<boolean> {
  const client = new pg.Client({ connectionString: SERVER, connectionTimeoutMillis: 2_000 })
  const there = await client.connect().then(
    () => true,
    () => false,
  )
  await client.end().catch(() => {})
  return there
}

/** A queue in a schema of its own, with more handles on demand. */
export async function openPostgresQueue(
  { database, query }: TestDatabase,
  options: PostgresQueueOptions = {},
): Promise<OpenQueue & { readonly queue: PostgresQueue; readonly schema: string }> {
  const schema = `case_${randomBytes(6).toString('hex')}`
  const handles: PostgresQueue[] = []
  const open = () => {
    // A test's own clock stands where the test wants it.
    const clock = options.now === undefined ? {} : { maxClockSkewMs: Number.MAX_SAFE_INTEGER }
    const queue = postgresQueue(database, { pollMs: 20, schema, ...clock, ...options })
    handles.push(queue)
    return queue
  }
  return {
    schema,
    queue: open(),
    another: async () => open(),
    dispose: async () => {
      await Promise.all(handles.map((queue) => queue.close()))
      await query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
    },
  }
}

/**
 * Opens one schema again and again, emptied in between and over one pool: for properties, which open many stores one after the
 * other. One at a time.
 */
export function reopenedPostgresQueue({ url }: { readonly url: string }) {
  const schema = 'reopened'
  const pool = new pg.Pool({ connectionString: url, max: 6 })
  pool.on('error', () => {})
  const tables = ['review_item', 'review_text', 'review_event', 'review_cursor'].map(
    (name) => `${schema}.${name}`,
  )
  const guarded = (state: 'ENABLE' | 'DISABLE') =>
    `ALTER TABLE ${schema}.review_event ${state} TRIGGER review_event_append_only`
  return {
    open: async (options: PostgresQueueOptions): Promise<OpenQueue> => {
      const handles = [0, 1].map(() =>
        postgresQueue(pool, { pollMs: 20, schema, maxClockSkewMs: Number.MAX_SAFE_INTEGER, ...options }),
      )
      const [queue, another] = handles as [PostgresQueue, PostgresQueue]
      return {
        queue,
        another: async () => another,
        dispose: async () => {
          await Promise.all(handles.map((handle) => handle.close()))
          await pool.query(
            `BEGIN; ${guarded('DISABLE')}; TRUNCATE ${tables.join(', ')} RESTART IDENTITY; ${guarded('ENABLE')}; COMMIT`,
          )
        },
      }
    },
    close: () => pool.end(),
  }
}
