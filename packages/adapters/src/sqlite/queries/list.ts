import type { ReviewInput, ReviewOutput } from '@parapet/sdk/review-rules'
import { type ItemRow, toStoredItem } from '../item-document.ts'
import { placeOf } from '../place.ts'
import type { ReviewDatabase } from '../review-database.ts'
import { SELECT_ITEM } from '../sqlite-rows.ts'

const SELECT_WITHOUT_TEXT = 'SELECT *, NULL AS content, NULL AS words FROM review_item'

type Filter = ReviewInput<'list'>

/** A row with what the order of claims is made of. */
interface ListedRow extends ItemRow {
  readonly seq: number
  readonly priority: number
  readonly deadline_rank: number
}

/** A page of items. Each state is read in the order of its own index; the few rows of each are then merged. */
export function list(database: ReviewDatabase, filter: Filter): ReviewOutput<'list'> {
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

function rowsOf(database: ReviewDatabase, state: string, filter: Filter): ListedRow[] {
  const { kind, after, limit, content } = filter
  const place = placeOf(filter)
  const conditions = ['state = ?', ...place.conditions]
  const values = [state, ...place.values]
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
  const select = content ? SELECT_ITEM : SELECT_WITHOUT_TEXT
  return database
    .statement(`${select} WHERE review_item.seq IN (${keys})`)
    .all(...values, limit + 1) as unknown as ListedRow[]
}
