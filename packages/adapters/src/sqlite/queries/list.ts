import type { ReviewTransactions } from '@parapet/sdk'
import { SELECT_ITEM } from '../find-item.ts'
import { type ItemRow, toStoredItem } from '../item-row.ts'
import type { ReviewDatabase } from '../review-database.ts'

type Filter = Parameters<ReviewTransactions['list']>[1]

/** A page of items. Each state is read in the order of its own index; the few rows of each are then merged. */
export function list(
  database: ReviewDatabase,
  _at: number,
  filter: Filter,
): ReturnType<ReviewTransactions['list']> {
  const rows = filter.states
    .flatMap((state) => rowsOf(database, state, filter))
    .sort(
      (one, other) =>
        other.priority - one.priority || one.deadline_rank - other.deadline_rank || one.seq - other.seq,
    )
  const page = rows.slice(0, filter.limit)
  const last = page.at(-1)
  return {
    items: page.map(toStoredItem),
    next:
      rows.length > filter.limit && last
        ? { priority: last.priority, deadlineAt: last.deadline_rank, order: last.seq }
        : undefined,
  }
}

function rowsOf(database: ReviewDatabase, state: string, { tenant, kind, after, limit }: Filter): ItemRow[] {
  const conditions = ['state = ?']
  const values: (string | number)[] = [state]
  if (tenant !== undefined) {
    conditions.push('review_item.tenant = ?')
    values.push(tenant)
  }
  if (kind !== undefined) {
    conditions.push('kind = ?')
    values.push(kind)
  }
  if (after) {
    conditions.push('(rank, deadline_rank, review_item.seq) > (?, ?, ?)')
    values.push(-after.priority, after.deadlineAt, after.order)
  }
  // The keys first and by themselves, so that only rows of the page are read.
  const keys = `SELECT seq FROM review_item WHERE ${conditions.join(' AND ')}
    ORDER BY rank, deadline_rank, review_item.seq LIMIT ?`
  return database
    .statement(`${SELECT_ITEM} WHERE review_item.seq IN (${keys})`)
    .all(...values, limit + 1) as unknown as ItemRow[]
}
