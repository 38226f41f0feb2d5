import type { ReviewInput, ReviewOutput, ReviewState } from '@parapet/sdk'
import { compareItems } from '../compare-items.ts'
import type { PostgresConnection } from '../driver.ts'
import { NO_DEADLINE, type PlacedItem, toPlacedItem } from '../item-row.ts'

type Filter = ReviewInput<'list'>

/** A page of items. Each state is read in the order of its own index; the few rows of each are then merged. */
export async function list(
  connection: PostgresConnection,
  schema: string,
  filter: Filter,
): Promise<ReviewOutput<'list'>> {
  if (filter.states.length === 0) return { items: [], next: undefined }
  const values: unknown[] = []
  const value = (given: unknown) => `$${values.push(given)}`
  const branches = filter.states.map((state) => `(${keysOf(schema, state, filter, value)})`)
  // One statement, so that an item that changes its state meanwhile is on the page once.
  const rows = await connection.query(
    `SELECT seq::float8 AS "order", id, entry, ${filter.content ? 'content' : 'NULL AS content'}
     FROM ${schema}.review_item ${filter.content ? `LEFT JOIN ${schema}.review_text USING (seq)` : ''}
     WHERE seq IN (${branches.join(' UNION ALL ')})`,
    values,
  )
  const found = rows.map(toPlacedItem).sort(compareItems)
  const page = found.slice(0, filter.limit)
  const last = page.at(-1)
  return {
    items: page.map(({ item }) => item),
    next: found.length > filter.limit && last ? positionOf(last) : undefined,
  }
}

/** The keys first and by themselves, so that only rows of the page are read. */
function keysOf(
  schema: string,
  state: ReviewState,
  { tenant, team, kind, after, limit }: Filter,
  value: (given: unknown) => string,
): string {
  const conditions = [`state = ${value(state)}`]
  if (tenant !== undefined) conditions.push(`tenant = ${value(tenant)}`)
  if (team !== undefined) conditions.push(`team = ${value(team)}`)
  if (kind !== undefined) conditions.push(`kind = ${value(kind)}`)
  if (after) {
    const place = [-after.priority, after.deadlineAt, after.order]
    const [rank, deadline, seq] = place.map((part) => `${value(part)}::bigint`)
    conditions.push(`(rank, deadline_rank, seq) > (${rank}, ${deadline}, ${seq})`)
  }
  return `SELECT seq FROM ${schema}.review_item WHERE ${conditions.join(' AND ')}
    ORDER BY rank, deadline_rank, seq LIMIT ${value(limit + 1)}::bigint`
}

function positionOf({ order, item }: PlacedItem) {
  return { priority: item.priority, deadlineAt: item.deadlineAt ?? NO_DEADLINE, order }
}
