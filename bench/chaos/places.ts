import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

/** The server that is used where one answers. */
const SERVER = process.env['PARAPET_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'

const DATABASE_PREFIX = 'parapet_chaos_'

/** A place for one scenario's queue. */
export interface Place {
  readonly place: string
  readonly remove: () => Promise<void>
}

export type PostgresPlace = Place & {
  /** Ends every connection to it that a queue has; gives how many. */
  readonly terminate: () => Promise<number>
}

/** A new file on the local disk. */
export function sqlitePlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-chaos-'))
  return { place: join(folder, 'review.db'), remove: async () => rmSync(folder, { recursive: true }) }
}

/** Whether a server answers. */
export async function hasPostgres(): Promise<boolean> {
  const client = new pg.Client({ connectionString: SERVER, connectionTimeoutMillis: 2_000 })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

/** A new database on the server. The connection that made it bears its name for as long as the run lives. */
export async function postgresPlace(): Promise<PostgresPlace> {
  const name = `${DATABASE_PREFIX}${randomBytes(6).toString('hex')}`
  const admin = new pg.Client({ connectionString: SERVER, application_name: name })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  return {
    place: Object.assign(new URL(SERVER), { pathname: `/${name}` }).href,
    terminate: async () => {
      const { rowCount } = await admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'parapet'",
        [name],
      )
      return rowCount ?? 0
    },
    remove: async () => {
      await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
      await admin.end()
    },
  }
}

/** Drops the databases of runs that were killed before they could: no connection bears their name, and nobody is in them. */
export async function dropLeftovers(): Promise<void> {
  const admin = new pg.Client({ connectionString: SERVER })
  await admin.connect()
  try {
    const { rows } = await admin.query<{ datname: string }>(
      `SELECT datname FROM pg_database AS found WHERE datname ~ '^${DATABASE_PREFIX}[0-9a-f]{12}$'
         AND NOT EXISTS (SELECT FROM pg_stat_activity AS live WHERE found.datname IN (live.application_name, live.datname))`,
    )
    for (const { datname } of rows) await admin.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`)
  } finally {
    await admin.end()
  }
}
