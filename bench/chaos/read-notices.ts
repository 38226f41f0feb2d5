import pg from 'pg'

/** What is to be told, and what delivers it, by plain SQL. */
export interface StoredNotices {
  /** The webhook id of each entry of the log that settled an item. */
  readonly due: readonly string[]
  /** Deliveries that are neither done nor given up. */
  readonly underWay: number
  /** Deliveries that were given up. */
  readonly dead: number
}

/** Reads a queue's log and the jobs beside it. */
export async function readNotices(url: string): Promise<StoredNotices> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const log = await client.query<{ id: string }>(
      `SELECT 'msg_' || left(hash, 32) AS id FROM parapet.review_event
       WHERE kind IN ('expired', 'effected') OR (kind = 'decided' AND detail::json ->> 'effectAt' IS NULL)`,
    )
    const jobs = await client.query<{ dead: boolean; jobs: number }>(
      `SELECT name LIKE 'dead-%' AS dead, count(*)::int AS jobs FROM parapet_jobs.job
       WHERE name LIKE '%notices-%' AND state IN ('created', 'retry', 'active') GROUP BY dead`,
    )
    const of = (dead: boolean) => jobs.rows.find((row) => row.dead === dead)?.jobs ?? 0
    return { due: log.rows.map(({ id }) => id), underWay: of(false), dead: of(true) }
  } finally {
    await client.end()
  }
}
