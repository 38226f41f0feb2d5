import type { ReviewState } from '@parapet/sdk'
import type { ReviewDatabase } from '../review-database.ts'

/** How many items there are in each state. */
export function count(
  database: ReviewDatabase,
  _at: number,
  { tenant }: { readonly tenant: string | undefined },
): Record<ReviewState, number> {
  const counts: Record<ReviewState, number> = { open: 0, claimed: 0, approved: 0, rejected: 0, expired: 0 }
  const rows =
    tenant === undefined
      ? database.statement('SELECT state, count(*) AS items FROM review_item GROUP BY state').all()
      : database
          .statement('SELECT state, count(*) AS items FROM review_item WHERE tenant = ? GROUP BY state')
          .all(tenant)
  for (const { state, items } of rows) counts[state as ReviewState] = items as number
  return counts
}
