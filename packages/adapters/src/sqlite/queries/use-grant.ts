import type { Grant } from '@parapet/sdk'
import { findItem } from '../find-item.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** Uses up the grant of an approved hold: true once. */
export function useGrant(
  database: ReviewDatabase,
  at: number,
  { ticket, contentDigest, bindingHash }: Grant,
): boolean {
  const { changes } = database
    .statement(
      `UPDATE review_item SET grant_used_at = ?, revision = revision + 1
       WHERE id = ? AND content_digest = ? AND binding_hash = ? AND grant_used_at IS NULL AND kind <> 'audit'
         AND (state = 'approved' OR (state = 'expired' AND otherwise = 'allow'))`,
    )
    .run(at, ticket, contentDigest, bindingHash)
  const row = changes === 0 ? undefined : findItem(database, ticket)
  if (!row) return false
  database.append(row, { kind: 'grant-used', at, actor: 'parapet' }, {})
  return true
}
