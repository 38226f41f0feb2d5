import { CHAIN_START, type ChainedEvent, chainHash } from '../event-chain.ts'
import type { ReviewDatabase } from '../review-database.ts'

/** What a check of the log found. */
export interface LogCheck {
  /** How many entries there are. */
  readonly entries: number
  /** The first entry that does not follow from the ones before it: changed, moved, or after one that is missing. */
  readonly brokenAt?: number
  /** The hash of the last entry. Keep it elsewhere: a log cut off at its end is whole in itself. */
  readonly head: string
}

/** Follows the chain from its start. */
export function verifyLog(database: ReviewDatabase): LogCheck {
  let head = CHAIN_START
  let entries = 0
  let brokenAt: number | undefined
  // Left join: an entry whose item is gone is a broken link, not a missing line.
  const rows = database.database
    .prepare(
      `SELECT sequence, review_item.id AS itemId, review_event.tenant AS tenant, review_event.kind AS kind, at, actor,
         detail, hash
       FROM review_event LEFT JOIN review_item ON review_item.seq = review_event.item ORDER BY sequence`,
    )
    .iterate()
  for (const row of rows) {
    const { hash, ...event } = row as unknown as ChainedEvent & { readonly hash: string }
    entries += 1
    if (brokenAt === undefined && (event.sequence !== entries || chainHash(head, event) !== hash)) {
      brokenAt = event.sequence
    }
    head = hash
  }
  return { entries, head, ...(brokenAt !== undefined && { brokenAt }) }
}
