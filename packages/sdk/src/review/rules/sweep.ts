import { randomUUID } from 'node:crypto'
import { decisionOf, type StoredItem } from '../stored-item.ts'
import { change, entry, PARAPET, unclaimed, verdictDetail, withoutText } from './change.ts'
import { deadlineOf, dueAt, isUndecided } from './item-state.ts'
import { ask, type RowChange, type RowProgram } from './review-rows.ts'

/** What stands in the place of the digest of a text that was erased. */
const ERASED_DIGEST = 'erased'

/** Puts into effect what was due at `at`, in the order in which it fell due. */
export function* sweep(at: number): RowProgram<void> {
  for (;;) {
    const item = yield* ask('mostDue', at)
    if (!item) return
    yield* ask('update', fallDue(item))
  }
}

/** What happens to an item when the moment has come. */
function fallDue(item: StoredItem): RowChange {
  const at = dueAt(item) ?? item.expiresAt
  if (item.state === 'decided') return takeEffect(item, at)
  if (!isUndecided(item)) return erased(item, at, 'expiry')
  if (at >= deadlineOf(item)) {
    const { otherwise } = item
    return change({ ...unclaimed(item), state: 'expired' }, entry('expired', at, PARAPET, { otherwise }))
  }
  if (item.claim && at >= item.claim.leaseUntil) {
    const { reviewer } = item.claim
    return change({ ...unclaimed(item), state: 'open' }, entry('lapsed', at, PARAPET, { reviewer }))
  }
  const { team = item.team, priority = item.priority } = item.escalation ?? {}
  return change(
    { ...item, team, priority, escalatedAt: at },
    entry('escalated', at, PARAPET, { team, priority }),
  )
}

function takeEffect(item: StoredItem, at: number): RowChange {
  const { effectAt: _, ...rest } = item
  const outcome = decisionOf(item)?.outcome
  const state = outcome === 'reject' ? 'rejected' : 'approved'
  return change({ ...rest, state }, entry('effected', at, PARAPET, verdictDetail(item)))
}

/**
 * Takes an item's text, and whatever was made of it: a short text is found again from its digest by trying. What became of
 * it stays. Its key is free from then on; nobody can take the one it gets before it does.
 */
export function erased(item: StoredItem, at: number, cause: 'subject' | 'expiry'): RowChange {
  const untold = { key: `erased:${randomUUID()}`, contentDigest: ERASED_DIGEST }
  return change({ ...withoutText(item), ...untold, erasedAt: at }, entry('erased', at, PARAPET, { cause }))
}
