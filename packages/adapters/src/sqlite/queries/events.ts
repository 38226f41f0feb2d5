import type { ReviewEvent, ReviewInput } from '@parapet/sdk/review-rules'
import type { ChainedEvent } from '../event-chain.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** Selects entries as readers see them; what follows it says which. */
const SELECT_EVENT = `SELECT sequence, review_item.id AS itemId, review_event.tenant AS tenant,
  review_event.kind AS kind, at, actor, detail, hash
FROM review_event JOIN review_item ON review_item.seq = review_event.item`

/** The log, oldest first. */
export function events(database: ReviewDatabase, filter: ReviewInput<'events'>): readonly ReviewEvent[] {
  const { itemId, tenant, after, limit } = filter
  const conditions = ['sequence > ?']
  const values: (string | number)[] = [after]
  if (itemId !== undefined) {
    conditions.push('review_event.item = (SELECT seq FROM review_item WHERE id = ?)')
    values.push(itemId)
  }
  if (tenant !== undefined) {
    conditions.push('review_event.tenant = ?')
    values.push(tenant)
  }
  const rows = database
    .statement(`${SELECT_EVENT} WHERE ${conditions.join(' AND ')} ORDER BY sequence LIMIT ?`)
    .all(...values, limit) as unknown as (ChainedEvent & { readonly hash: string })[]
  return rows.map(({ hash: _, detail, ...event }) => ({
    ...event,
    detail: JSON.parse(detail) as ReviewEvent['detail'],
  }))
}
