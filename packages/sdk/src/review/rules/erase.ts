import type { ReviewInput } from '../review-store.ts'
import type { StoredItem, StoredOpinion } from '../stored-item.ts'
import { change, entry, PARAPET, unclaimed } from './change.ts'
import { isUndecided } from './item-state.ts'
import { ask, type RowChange, type RowProgram } from './review-rows.ts'
import { erased } from './sweep.ts'

/** How many items lose their text in one transaction: what it locks, and how long others wait for it, is bounded. */
export const MOST_ERASED = 256

/** Erases the text of one person's items, some at a time; what is not settled is rejected. */
export function* erase(at: number, person: ReviewInput<'erase'>): RowProgram<number> {
  const items = yield* ask('ofSubject', { ...person, limit: MOST_ERASED })
  for (const item of items) {
    let current = item
    if (isUndecided(item) || item.state === 'decided') {
      const rejected = rejection(item, at)
      yield* ask('update', rejected)
      current = rejected.item
    }
    yield* ask('update', erased(current, at, 'subject'))
  }
  return items.length
}

/** Nobody may decide, or release, what nobody can read. */
function rejection(item: StoredItem, at: number): RowChange {
  const { effectAt: _, ...rest } = unclaimed(item)
  const opinion: StoredOpinion = {
    reviewer: PARAPET,
    // No claim's: callers can name no empty token.
    token: '',
    outcome: 'reject',
    reason: 'erased',
    decidedAt: at,
  }
  const { outcome, reason } = opinion
  return change(
    { ...rest, given: [...item.given, opinion], state: 'rejected' },
    entry('decided', at, PARAPET, { outcome, reason }),
  )
}
