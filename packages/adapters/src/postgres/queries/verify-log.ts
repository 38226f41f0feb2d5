import type { PostgresConnection } from '../driver.ts'
import { CHAIN_START, chainHash, eventDigest, type UnchainedEvent } from '../event-chain.ts'

/** How many entries are read at a time. */
const PAGE = 5_000

/** What a check of the log found. */
export interface LogCheck {
  /** How many entries there are. */
  readonly entries: number
  /** The first entry that does not follow from the ones before it: changed, moved, or after one that is missing. */
  readonly brokenAt?: number
  /** The hash of the last entry. Keep it elsewhere: a log cut off at its end is whole in itself. */
  readonly head: string
}

/** Follows the chain from its start, page by page: entries that are there never change, so no snapshot is needed. */
export async function verifyLog(connection: PostgresConnection, schema: string): Promise<LogCheck> {
  let head = CHAIN_START
  let entries = 0
  let last = 0
  let brokenAt: number | undefined
  for (;;) {
    const rows = await connection.query(
      `SELECT sequence::float8 AS sequence, item_id, tenant, kind, at::float8 AS at, actor, detail, hash
       FROM ${schema}.review_event WHERE sequence > $1 ORDER BY sequence LIMIT ${PAGE}`,
      [last],
    )
    for (const { sequence, item_id: itemId, hash, ...event } of rows) {
      entries += 1
      last = Number(sequence)
      const digest = eventDigest({ ...event, itemId } as unknown as UnchainedEvent)
      const follows = last === entries && chainHash(head, entries, digest) === hash
      if (!follows) brokenAt ??= last
      head = String(hash)
    }
    if (rows.length < PAGE) return { entries, head, ...(brokenAt !== undefined && { brokenAt }) }
  }
}
