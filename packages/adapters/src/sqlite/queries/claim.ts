import { randomUUID } from 'node:crypto'
import type { ReviewTransactions, StoredClaim } from '@parapet/sdk'
import { requireItem, SELECT_ITEM } from '../find-item.ts'
import { type ItemRow, requireUndecided } from '../item-row.ts'
import { QueueFault } from '../queue-fault.ts'
import type { ReviewDatabase } from '../review-database.ts'
import { holdUntil } from './extend.ts'

/** Hands the first open item, or the one named, to a reviewer. */
export function claim(
  database: ReviewDatabase,
  at: number,
  given: Parameters<ReviewTransactions['claim']>[1],
): StoredClaim | undefined {
  const { reviewer, leaseMs, id, tenant } = given
  const row = id === undefined ? firstOpen(database, tenant) : requireItem(database, 'claim', { id, tenant })
  if (!row) return undefined
  requireUndecided(row)
  const leaseUntil = at + leaseMs
  if (row.claim_token === null) {
    const claimed = holdUntil(database, row, { reviewer, token: randomUUID(), leaseUntil })
    database.append(row, { kind: 'claimed', at, actor: reviewer }, { leaseUntil })
    return claimed
  }
  if (row.claim_reviewer !== reviewer) {
    throw new QueueFault('PARAPET_QUEUE_CLAIMED', { id: row.id, leaseUntil: row.lease_until })
  }
  const longer = Math.max(leaseUntil, row.lease_until ?? 0)
  const renewed = holdUntil(database, row, { reviewer, token: row.claim_token, leaseUntil: longer })
  database.append(row, { kind: 'extended', at, actor: reviewer }, { leaseUntil: longer })
  return renewed
}

function firstOpen(database: ReviewDatabase, tenant: string | undefined): ItemRow | undefined {
  const first = 'ORDER BY rank, deadline_rank, review_item.seq LIMIT 1'
  const row =
    tenant === undefined
      ? database.statement(`${SELECT_ITEM} WHERE state = 'open' ${first}`).get()
      : database
          .statement(`${SELECT_ITEM} WHERE state = 'open' AND review_item.tenant = ? ${first}`)
          .get(tenant)
  return row as ItemRow | undefined
}
