import type { PostgresConnection } from '../driver.ts'

/** Which of the items are settled. */
export async function settled(
  connection: PostgresConnection,
  schema: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const rows = await connection.query(
    `SELECT id FROM ${schema}.review_item WHERE id = ANY($1) AND state IN ('approved', 'rejected', 'expired')`,
    [ids],
  )
  return rows.map(({ id }) => id as string)
}
