import type { StoredItem } from '@parapet/sdk'
import { findItem } from '../find-item.ts'
import { toStoredItem } from '../item-row.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** Reads an item. */
export function get(database: ReviewDatabase, _at: number, id: string): StoredItem | undefined {
  const row = findItem(database, id)
  return row && toStoredItem(row)
}
