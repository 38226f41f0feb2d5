import type { ReviewTransactions, StoredItem } from '@parapet/sdk'
import { settle } from '../change-item.ts'
import { requireHeld, requireItem } from '../find-item.ts'
import { type ItemRow, requireUndecided, toStoredItem } from '../item-row.ts'
import type { ReviewDatabase } from '../review-database.ts'

type Given = Parameters<ReviewTransactions['decide']>[1]

/** Decides an item that is in the reviewer's hands. */
export function decide(database: ReviewDatabase, at: number, given: Given): StoredItem {
  const { id, token, outcome, reason, note } = given
  const row = requireItem(database, 'decide', { id })
  if (isSame(row, given)) return toStoredItem(row)
  requireUndecided(row)
  const { claim_reviewer: reviewer } = requireHeld(database, 'decide', { id, token })
  const decision = {
    reviewer,
    outcome,
    ...(reason !== undefined && { reason }),
    ...(note !== undefined && { note }),
    decidedAt: at,
  }
  settle(database, row, decision, token)
  return toStoredItem(requireItem(database, 'decide', { id }))
}

/** Whether this very decision was made already. Its note counts only as long as it was not erased. */
function isSame(row: ItemRow, { token, outcome, reason, note }: Given): boolean {
  const sameNote = row.erased_at !== null || row.note === (note ?? null)
  return (
    row.decided_token === token &&
    row.decided_outcome === outcome &&
    row.decided_reason === (reason ?? null) &&
    sameNote
  )
}
