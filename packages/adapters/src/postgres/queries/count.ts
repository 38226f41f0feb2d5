import { REVIEW_STATES, type ReviewInput, type ReviewState } from '@parapet/sdk'
import type { PostgresConnection } from '../driver.ts'

/** How many items there are in each state. */
export async function count(
  connection: PostgresConnection,
  schema: string,
  { tenant, team }: ReviewInput<'count'>,
): Promise<Record<ReviewState, number>> {
  const rows = await connection.query(
    `SELECT state, count(*)::float8 AS items FROM ${schema}.review_item
     WHERE ${tenant === undefined ? '$1::text IS NULL' : 'tenant = $1'}
       AND ${team === undefined ? '$2::text IS NULL' : 'team = $2'}
     GROUP BY state`,
    [tenant ?? null, team ?? null],
  )
  const counts = Object.fromEntries(REVIEW_STATES.map((state) => [state, 0])) as Record<ReviewState, number>
  for (const { state, items } of rows) counts[state as ReviewState] = Number(items)
  return counts
}
