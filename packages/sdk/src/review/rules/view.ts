import type { ReviewInput } from '../review-store.ts'
import type { StoredItem } from '../stored-item.ts'
import { entry } from './change.ts'
import { findItem } from './require-item.ts'
import { ask, type RowProgram } from './review-rows.ts'

/** Reads an item and logs who looked. */
export function* view(at: number, given: ReviewInput<'view'>): RowProgram<StoredItem | undefined> {
  const item = yield* findItem(given)
  if (item) yield* ask('append', { item, event: entry('viewed', at, given.reviewer) })
  return item
}
