import type { ReviewInput, ReviewState } from '@parapet/sdk/review-rules'
import { placeOf } from '../place.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** How many items there are in each state. */
export function count(database: ReviewDatabase, filter: ReviewInput<'count'>): Record<ReviewState, number> {
  const counts = { open: 0, claimed: 0, decided: 0, approved: 0, rejected: 0, expired: 0 }
  const { conditions, values } = placeOf(filter)
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const rows = database
    .statement(`SELECT state, count(*) AS items FROM review_item ${where} GROUP BY state`)
    .all(...values)
  for (const { state, items } of rows) counts[state as ReviewState] = items as number
  return counts
}
