import type { StoredItem } from '@parapet/sdk'
import { findItem } from '../find-item.ts'
import { toStoredItem } from '../item-row.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** Reads an item and logs who looked. */
export function view(
  database: ReviewDatabase,
  at: number,
  { id, reviewer }: { readonly id: string; readonly reviewer: string },
): StoredItem | undefined {
  const row = findItem(database, id)
  if (!row) return undefined
  database.append(row, { kind: 'viewed', at, actor: reviewer }, {})
  return toStoredItem(row)
}
