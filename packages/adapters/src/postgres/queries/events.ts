import type { ReviewEvent, ReviewInput } from '@parapet/sdk'
import type { PostgresConnection, Row } from '../driver.ts'

/** The log, oldest first. */
export async function events(
  connection: PostgresConnection,
  schema: string,
  { itemId, tenant, after, limit }: ReviewInput<'events'>,
): Promise<readonly ReviewEvent[]> {
  const rows = await connection.query(
    `SELECT sequence::float8 AS sequence, item_id, tenant, kind, at::float8 AS at, actor, detail
     FROM ${schema}.review_event
     WHERE sequence > $1
       AND ${itemId === undefined ? '$2::text IS NULL' : 'item_id = $2'}
       AND ${tenant === undefined ? '$3::text IS NULL' : 'tenant = $3'}
     ORDER BY sequence LIMIT $4`,
    [after, itemId ?? null, tenant ?? null, limit],
  )
  return rows.map(toEvent)
}

/** The entry of a row, for callers. */
export function toEvent(row: Row): ReviewEvent {
  return {
    sequence: Number(row['sequence']),
    itemId: row['item_id'] as string,
    tenant: row['tenant'] as string,
    kind: row['kind'] as ReviewEvent['kind'],
    at: Number(row['at']),
    actor: row['actor'] as string,
    detail: JSON.parse(row['detail'] as string) as ReviewEvent['detail'],
  }
}
