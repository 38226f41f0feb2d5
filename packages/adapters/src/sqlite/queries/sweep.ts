import { eraseText, leaveHands } from '../change-item.ts'
import { SELECT_ITEM } from '../find-item.ts'
import { deadlineOf, type ItemRow } from '../item-row.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** Puts into effect what was due at `at`, in the order in which it fell due. */
export function sweep(database: ReviewDatabase, at: number): void {
  for (let row = mostDue(database, at); row; row = mostDue(database, at)) fallDue(database, row)
}

function mostDue(database: ReviewDatabase, at: number): ItemRow | undefined {
  return database.statement(`${SELECT_ITEM} WHERE due_at <= ? ORDER BY due_at, seq LIMIT 1`).get(at) as
    | ItemRow
    | undefined
}

function fallDue(database: ReviewDatabase, row: ItemRow): void {
  const at = row.due_at ?? 0
  if (row.state !== 'open' && row.state !== 'claimed') {
    eraseText(database, row, at, 'expiry')
  } else if (at < deadlineOf(row)) {
    leaveHands(database, row, 'open')
    database.append(row, { kind: 'lapsed', at, actor: 'parapet' }, { reviewer: row.claim_reviewer ?? '' })
  } else {
    leaveHands(database, row, 'expired')
    const { otherwise } = row
    database.append(row, { kind: 'expired', at, actor: 'parapet' }, otherwise === null ? {} : { otherwise })
  }
}
