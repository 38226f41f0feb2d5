import type { ReviewInput } from '../review-store.ts'
import type { StoredItem, StoredOpinion } from '../stored-item.ts'
import { change, entry, unclaimed, verdictDetail } from './change.ts'
import { deadlineOf, requireUndecided } from './item-state.ts'
import { queueFault } from './queue-fault.ts'
import { held, requireItem } from './require-item.ts'
import { ask, type RowChange, type RowProgram } from './review-rows.ts'

type Given = ReviewInput<'decide'>

/** Decides an item that is in the reviewer's hands, or gives one of the opinions that it asks for. */
export function* decide(at: number, given: Given): RowProgram<StoredItem> {
  const item = yield* requireItem('decide', given)
  if (isSame(item, given)) return item
  requireUndecided(item)
  const { claim } = held(item, given.token)
  if (given.revision !== undefined && given.revision !== item.revision)
    throw queueFault('PARAPET_QUEUE_CHANGED', { id: item.id, revision: item.revision })
  requireOutcome(item, given)
  const opinion: StoredOpinion = {
    reviewer: claim.reviewer,
    token: given.token,
    outcome: given.outcome,
    ...(given.reason !== undefined && { reason: given.reason }),
    ...(given.note !== undefined && { note: given.note }),
    ...(given.answer !== undefined && { answer: given.answer }),
    decidedAt: at,
  }
  const changed = withOpinion(
    { ...unclaimed(item), given: [...item.given, opinion] },
    opinion,
    given.importedBy,
  )
  yield* ask('update', changed)
  return changed.item
}

/** What an opinion makes of an item: open for another, decided until it can be undone no more, or settled. */
export function withOpinion(item: StoredItem, opinion: StoredOpinion, importedBy?: string): RowChange {
  const { outcome, reason, reviewer, decidedAt: at } = opinion
  const { given } = item
  if (!isEnough(item)) {
    // Without the outcome: the log may be read by who is asked next.
    return change(
      { ...item, state: 'open' },
      entry('opinion', at, reviewer, { number: given.length, importedBy }),
    )
  }
  if (item.undoMs === 0) {
    const state = outcome === 'reject' ? 'rejected' : 'approved'
    return change({ ...item, state }, entry('decided', at, reviewer, { ...verdictDetail(item), importedBy }))
  }
  const effectAt = Math.min(at + item.undoMs, deadlineOf(item))
  // Where others may be asked again after an undo, the log says what was said when nothing can be undone any more.
  const said = item.opinions === 1 ? { outcome, reason } : {}
  return change(
    { ...item, state: 'decided', effectAt },
    entry('decided', at, reviewer, { ...said, effectAt, importedBy }),
  )
}

/** One, or two that agree; the third decides, whatever it says. */
function isEnough({ opinions, given }: StoredItem): boolean {
  const [first, second] = given
  return opinions === 1 || given.length > 2 || (second !== undefined && first?.outcome === second.outcome)
}

function requireOutcome({ id, kind }: StoredItem, { outcome }: Given): void {
  const fits = outcome === 'edit' ? kind === 'output' : outcome !== 'answer' || kind !== 'audit'
  if (!fits) throw queueFault('PARAPET_QUEUE_OUTCOME', { id, kind, outcome })
}

/** Whether this very opinion was given already. Its text counts only as long as it was not erased. */
function isSame(item: StoredItem, { token, outcome, reason, note, answer }: Given): boolean {
  const opinion = item.given.find((other) => other.token === token)
  if (!opinion || opinion.outcome !== outcome || opinion.reason !== reason) return false
  return item.erasedAt !== undefined || (opinion.note === note && opinion.answer === answer)
}
