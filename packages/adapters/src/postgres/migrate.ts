import { queueError } from '@parapet/sdk'
import type { PostgresConnection } from './driver.ts'
import { MIGRATIONS, type Migration } from './migrations.ts'

/**
 * Brings a schema to the newest version. Many processes may do so at once: the steps run in one transaction under a lock
 * that only one can hold, and who comes second finds them done. A step that fails, or a process that dies, leaves nothing.
 * @throws PARAPET_QUEUE_NEWER_VERSION, PARAPET_QUEUE_FOREIGN; the schema is not touched
 */
export async function migrate(
  connection: PostgresConnection,
  options: { readonly schema: string; readonly where: string },
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const known = migrations.length
  if ((await versionOf(connection, options, known)) === known) return
  const { schema } = options
  await connection.script('BEGIN')
  try {
    await connection.query("SELECT pg_advisory_xact_lock(hashtextextended('parapet:' || $1, 0))", [schema])
    const version = await versionOf(connection, options, known)
    if (version < known) await apply(connection, schema, migrations.slice(version))
    await connection.script('COMMIT')
  } catch (error) {
    // A connection that is gone has rolled back by itself.
    await connection.script('ROLLBACK').catch(() => {})
    throw error
  }
}

async function apply(
  connection: PostgresConnection,
  schema: string,
  steps: readonly Migration[],
): Promise<void> {
  const [there] = await connection.query('SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema])
  // Asked first: a role that may not create schemas may still own this one.
  if (!there) await connection.script(`CREATE SCHEMA ${schema}`)
  // Temporary tables last, where what is named here cannot be mistaken for them: unnamed, they would come first.
  await connection.script(`SET LOCAL search_path TO ${schema}, pg_catalog, pg_temp`)
  await connection.script(
    `CREATE TABLE IF NOT EXISTS ${schema}.review_schema (
       version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  )
  for (const { version, name, sql } of steps) {
    await connection.script(sql)
    await connection.query(`INSERT INTO ${schema}.review_schema (version, name) VALUES ($1, $2)`, [
      version,
      name,
    ])
  }
}

/** The version of the schema; 0 where there is none. */
export async function versionOf(
  connection: PostgresConnection,
  { schema, where }: { readonly schema: string; readonly where: string },
  known: number,
): Promise<number> {
  // Not to_regclass: what it found missing before the wait for the lock, it takes from its cache after it.
  const tables = await connection.query(
    `SELECT relname FROM pg_catalog.pg_class AS class JOIN pg_catalog.pg_namespace AS space ON space.oid = relnamespace
     WHERE nspname = $1 AND relname IN ('review_schema', 'review_item')`,
    [schema],
  )
  if (!tables.some(({ relname }) => relname === 'review_schema')) {
    if (tables.length > 0) throw queueError('PARAPET_QUEUE_FOREIGN', { where })
    return 0
  }
  const [row] = await connection.query(
    `SELECT coalesce(max(version), 0)::float8 AS version FROM ${schema}.review_schema`,
    [],
  )
  const version = Number(row?.['version'])
  if (version > known) throw queueError('PARAPET_QUEUE_NEWER_VERSION', { where, found: version, known })
  return version
}
