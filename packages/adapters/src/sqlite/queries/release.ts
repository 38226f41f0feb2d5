import type { ReviewTransactions } from '@parapet/sdk'
import { leaveHands } from '../change-item.ts'
import { requireHeld } from '../find-item.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** Puts an item back. */
export function release(
  database: ReviewDatabase,
  at: number,
  { id, token, reason }: Parameters<ReviewTransactions['release']>[1],
): void {
  const row = requireHeld(database, 'release', { id, token })
  leaveHands(database, row, 'open')
  database.append(
    row,
    { kind: 'released', at, actor: row.claim_reviewer },
    reason === undefined ? {} : { reason },
  )
}
