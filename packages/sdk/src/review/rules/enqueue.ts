import type { NewStoredItem, StoredItem } from '../stored-item.ts'
import { entry, PARAPET } from './change.ts'
import { dueAt } from './item-state.ts'
import { queueFault } from './queue-fault.ts'
import { requireItem } from './require-item.ts'
import { ask, type RowProgram } from './review-rows.ts'
import { sweep } from './sweep.ts'
import { timeOrderedId } from './time-ordered-id.ts'

/** Stores an item, or finds the one with its key. */
export function* enqueue(at: number, given: NewStoredItem): RowProgram<StoredItem> {
  const there = yield* ask('findKey', given)
  if (there) return requireSame(there, given)
  const item = newItem(at, given)
  const { kind, priority, team } = item
  const event = entry('enqueued', at, PARAPET, { kind, priority, team })
  const stored = yield* ask('insert', { item, event })
  if (!stored) {
    // Another process stored the same key in between.
    const first = yield* ask('findKey', given)
    if (!first) throw queueFault('PARAPET_QUEUE_NOT_FOUND', { call: 'enqueue' })
    return requireSame(first, given)
  }
  if ((dueAt(item) ?? at + 1) > at) return item
  // An item that arrives after its own deadline is expired for its first reader too.
  yield* sweep(at)
  return yield* requireItem('enqueue', { id: item.id, tenant: item.tenant })
}

/** A new item, open. */
export function newItem(at: number, given: NewStoredItem): StoredItem {
  return {
    ...given,
    id: timeOrderedId(at),
    state: 'open',
    createdAt: at,
    revision: 1,
    given: [],
    skippedBy: [],
    barred: [],
  }
}

function requireSame(there: StoredItem, given: NewStoredItem): StoredItem {
  for (const differs of ['contentDigest', 'bindingHash', 'kind'] as const) {
    if (there[differs] !== given[differs])
      throw queueFault('PARAPET_QUEUE_KEY_REUSED', { id: there.id, differs })
  }
  return there
}
