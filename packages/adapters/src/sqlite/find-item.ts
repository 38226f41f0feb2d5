import type { ItemRow } from './item-row.ts'
import { QueueFault } from './queue-fault.ts'
import type { ReviewDatabase } from './review-database.ts'

/** Selects whole rows; what follows it says which. */
export const SELECT_ITEM = `SELECT review_item.*, review_text.content, review_text.note
FROM review_item LEFT JOIN review_text USING (seq)`

/** The item with an id. */
export function findItem(database: ReviewDatabase, id: string): ItemRow | undefined {
  return database.statement(`${SELECT_ITEM} WHERE id = ?`).get(id) as ItemRow | undefined
}

/** The item with an id, of a tenant where one is named. @throws QueueFault when there is none */
export function requireItem(
  database: ReviewDatabase,
  call: string,
  { id, tenant }: { readonly id: string; readonly tenant?: string | undefined },
): ItemRow {
  const row = findItem(database, id)
  if (!row || (tenant !== undefined && row.tenant !== tenant)) {
    throw new QueueFault('PARAPET_QUEUE_NOT_FOUND', { call })
  }
  return row
}

/** The item that a claim holds. @throws QueueFault when it holds it no more */
export function requireHeld(
  database: ReviewDatabase,
  call: string,
  { id, token }: { readonly id: string; readonly token: string },
): ItemRow & { readonly claim_reviewer: string } {
  const row = requireItem(database, call, { id })
  const { claim_reviewer } = row
  if (row.claim_token !== token || claim_reviewer === null) {
    throw new QueueFault('PARAPET_QUEUE_LEASE_LOST', { id })
  }
  return { ...row, claim_reviewer }
}
