import type { StoredClaim } from '@parapet/sdk'
import { requireHeld, requireItem } from '../find-item.ts'
import { deadlineOf, type ItemRow, toStoredItem } from '../item-row.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** Extends the lease of a claim. */
export function extend(
  database: ReviewDatabase,
  at: number,
  { id, token, leaseMs }: { readonly id: string; readonly token: string; readonly leaseMs: number },
): StoredClaim {
  const row = requireHeld(database, 'extend', { id, token })
  const leaseUntil = Math.max(row.lease_until ?? 0, at + leaseMs)
  const held = holdUntil(database, row, { reviewer: row.claim_reviewer, token, leaseUntil })
  database.append(row, { kind: 'extended', at, actor: row.claim_reviewer }, { leaseUntil })
  return held
}

/** Puts an item in a reviewer's hands. */
export function holdUntil(
  database: ReviewDatabase,
  row: ItemRow,
  claim: { readonly reviewer: string; readonly token: string; readonly leaseUntil: number },
): StoredClaim {
  const { reviewer, token, leaseUntil } = claim
  database
    .statement(
      `UPDATE review_item SET state = 'claimed', claim_reviewer = ?, claim_token = ?, lease_until = ?, due_at = ?,
         revision = revision + 1
       WHERE seq = ?`,
    )
    .run(reviewer, token, leaseUntil, Math.min(leaseUntil, deadlineOf(row)), row.seq)
  return { item: toStoredItem(requireItem(database, 'claim', row)), token, leaseUntil }
}
