import type { ReviewDecision, ReviewState } from '@parapet/sdk'
import { deadlineOf, type ItemRow } from './item-row.ts'
import type { ReviewDatabase } from './review-database.ts'

/** Puts an item back on the pile, or lets it expire. */
export function leaveHands(database: ReviewDatabase, row: ItemRow, state: 'open' | 'expired'): void {
  setState(database, row, state, state === 'open' ? deadlineOf(row) : row.expires_at)
  if (state === 'expired') database.noteSettled(row.id)
}

/** Decides an item, and logs it. */
export function settle(
  database: ReviewDatabase,
  row: ItemRow,
  decision: ReviewDecision,
  token: string | null,
): void {
  const { outcome, reason, note, reviewer, decidedAt } = decision
  database
    .statement(
      `UPDATE review_item SET state = ?, decided_by = ?, decided_outcome = ?, decided_reason = ?, decided_at = ?,
         decided_token = ?, claim_reviewer = NULL, claim_token = NULL, lease_until = NULL,
         due_at = expires_at, revision = revision + 1
       WHERE seq = ?`,
    )
    .run(
      outcome === 'approve' ? 'approved' : 'rejected',
      reviewer,
      outcome,
      reason ?? null,
      decidedAt,
      token,
      row.seq,
    )
  if (note !== undefined) {
    database.statement('UPDATE review_text SET note = ? WHERE seq = ?').run(note, row.seq)
  }
  database.noteSettled(row.id)
  database.append(
    row,
    { kind: 'decided', at: decidedAt, actor: reviewer },
    { outcome, ...(reason !== undefined && { reason }) },
  )
}

/** Deletes the text of a settled item; the row and the log stay. */
export function eraseText(
  database: ReviewDatabase,
  row: ItemRow,
  at: number,
  cause: 'subject' | 'expiry',
): void {
  database.statement('DELETE FROM review_text WHERE seq = ?').run(row.seq)
  database
    .statement('UPDATE review_item SET erased_at = ?, due_at = NULL, revision = revision + 1 WHERE seq = ?')
    .run(at, row.seq)
  database.noteTextErased()
  database.append(row, { kind: 'erased', at, actor: 'parapet' }, { cause })
}

function setState(database: ReviewDatabase, row: ItemRow, state: ReviewState, dueAt: number): void {
  database
    .statement(
      `UPDATE review_item SET state = ?, due_at = ?, claim_reviewer = NULL, claim_token = NULL, lease_until = NULL,
         revision = revision + 1
       WHERE seq = ?`,
    )
    .run(state, dueAt, row.seq)
}
