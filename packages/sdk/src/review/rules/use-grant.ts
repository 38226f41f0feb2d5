import type { ReviewInput } from '../review-store.ts'
import { decisionOf, type StoredItem } from '../stored-item.ts'
import { change, entry, PARAPET } from './change.ts'
import { findItem } from './require-item.ts'
import { ask, type RowProgram } from './review-rows.ts'

/** Uses up the grant of an approved hold: true once. */
export function* useGrant(at: number, grant: ReviewInput<'useGrant'>): RowProgram<boolean> {
  const item = yield* findItem({ id: grant.ticket, tenant: grant.tenant })
  if (!item || !isGranted(item) || item.grantUsedAt !== undefined) return false
  // Nobody can tell any more what it was a grant for.
  if (item.erasedAt !== undefined) return false
  if (item.contentDigest !== grant.contentDigest || item.bindingHash !== grant.bindingHash) return false
  yield* ask('update', change({ ...item, grantUsedAt: at }, entry('grant-used', at, PARAPET)))
  return true
}

/** Whether the content itself may pass: an answer of the reviewer's is no leave for the content it stands instead of. */
function isGranted(item: StoredItem): boolean {
  if (item.kind === 'audit') return false
  if (item.state === 'expired') return item.otherwise === 'allow'
  return item.state === 'approved' && decisionOf(item)?.outcome === 'approve'
}
