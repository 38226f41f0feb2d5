import { eraseText, settle } from '../change-item.ts'
import { SELECT_ITEM } from '../find-item.ts'
import type { ItemRow } from '../item-row.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** Erases the text of one person's items; what is undecided is rejected. */
export function erase(
  database: ReviewDatabase,
  at: number,
  { tenant, subjectKey }: { readonly tenant: string; readonly subjectKey: string },
): number {
  const rows = database
    .statement(
      `${SELECT_ITEM} WHERE review_item.tenant = ? AND review_item.subject_key = ? AND erased_at IS NULL
       ORDER BY review_item.seq`,
    )
    .all(tenant, subjectKey) as unknown as ItemRow[]
  for (const row of rows) {
    if (row.state === 'open' || row.state === 'claimed') {
      const decision = { reviewer: 'parapet', outcome: 'reject', reason: 'erased', decidedAt: at } as const
      settle(database, row, decision, null)
    }
    eraseText(database, row, at, 'subject')
  }
  return rows.length
}
