import type { ReviewInput } from '../review-store.ts'
import type { StoredItem } from '../stored-item.ts'
import { change, entry } from './change.ts'
import { queueFault } from './queue-fault.ts'
import { requireItem } from './require-item.ts'
import { ask, type RowProgram } from './review-rows.ts'

/** Takes back a decision that is not in effect yet. */
export function* undo(at: number, { id, tenant, token }: ReviewInput<'undo'>): RowProgram<StoredItem> {
  const item = yield* requireItem('undo', { id, tenant })
  const { effectAt: _, given, ...rest } = item
  const decision = given.at(-1)
  if (item.state !== 'decided' || decision?.token !== token)
    throw queueFault('PARAPET_QUEUE_UNDO_REFUSED', { id, state: item.state })
  const { reviewer, outcome } = decision
  const changed = change(
    { ...rest, given: given.slice(0, -1), state: 'open' },
    entry('undone', at, reviewer, item.opinions === 1 ? { outcome } : {}),
  )
  yield* ask('update', changed)
  return changed.item
}
