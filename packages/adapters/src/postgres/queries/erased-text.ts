import type { PostgresConnection } from '../driver.ts'

/**
 * How many rows that held text, and hold it for nobody any more, the server has not vacuumed yet: by its own count, which is some
 * seconds late.
 */
export async function countDeadTexts(connection: PostgresConnection, schema: string): Promise<number> {
  const [row] = await connection.query(
    `SELECT coalesce(sum(pg_stat_get_dead_tuples(relation)), 0)::float8 AS dead
     FROM pg_catalog.pg_class, unnest(ARRAY[oid, nullif(reltoastrelid, 0)]) AS relation
     WHERE pg_class.oid = '${schema}.review_text'::regclass AND relation IS NOT NULL`,
    [],
  )
  return Number(row?.['dead'])
}

/** Vacuums what held erased text, and the digests and keys made of it. What a transaction elsewhere may still look at stays. */
export async function vacuumErased(connection: PostgresConnection, schema: string): Promise<void> {
  await connection.query(`VACUUM (INDEX_CLEANUP ON) ${schema}.review_text`, [])
  await connection.query(`VACUUM (INDEX_CLEANUP ON) ${schema}.review_item`, [])
}

/** Whether the server vacuums by itself. */
export async function vacuumsItself(connection: PostgresConnection): Promise<boolean> {
  const [row] = await connection.query("SELECT current_setting('autovacuum') AS autovacuum", [])
  return row?.['autovacuum'] === 'on'
}
