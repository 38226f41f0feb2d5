import type { JobInsert, PgBoss } from 'pg-boss'
import type { NoticeTarget, ReviewNotice } from '../notice/review-notice.ts'
import { statement } from './boss-database.ts'
import type { PostgresConnection } from './driver.ts'
import { type HashedEvent, noticeOf } from './notice-of.ts'
import { noticeQueue } from './notice-queues.ts'
import { toEvent } from './queries/events.ts'

/** How many entries of the log are read at a time. */
const PAGE = 500
const CURSOR = 'notices'

/**
 * Files a delivery job for each entry of the log that a target wants to be told, and moves on in the log, in one transaction:
 * each is filed once, whatever dies when. Gives how many entries it passed; one worker at a time does it.
 */
export async function relay(
  connection: PostgresConnection,
  schema: string,
  { boss, targets }: { readonly boss: PgBoss; readonly targets: readonly NoticeTarget[] },
): Promise<number> {
  await connection.script('BEGIN')
  await connection.query(
    `INSERT INTO ${schema}.review_cursor (name, sequence) VALUES ($1, 0) ON CONFLICT DO NOTHING`,
    [CURSOR],
  )
  const [cursor] = await connection.query(
    `SELECT sequence::float8 AS sequence FROM ${schema}.review_cursor WHERE name = $1 FOR UPDATE SKIP LOCKED`,
    [CURSOR],
  )
  const rows = cursor
    ? await connection.query(
        `SELECT sequence::float8 AS sequence, item_id, tenant, kind, at::float8 AS at, actor, detail, hash
         FROM ${schema}.review_event WHERE sequence > $1 ORDER BY sequence LIMIT ${PAGE}`,
        [cursor['sequence']],
      )
    : []
  const events = rows.map((row): HashedEvent => ({ ...toEvent(row), hash: row['hash'] as string }))
  const notices = events.map(noticeOf).filter((notice) => notice !== undefined)
  for (const target of targets) {
    const jobs = notices.filter(({ type }) => target.types.includes(type)).map(toJob)
    if (jobs.length > 0) await boss.insert(noticeQueue(target.id), jobs, { db: statement(connection) })
  }
  const last = events.at(-1)
  if (last) {
    await connection.query(`UPDATE ${schema}.review_cursor SET sequence = $2 WHERE name = $1`, [
      CURSOR,
      last.sequence,
    ])
  }
  await connection.script('COMMIT')
  return events.length
}

function toJob(notice: ReviewNotice): JobInsert<ReviewNotice> {
  return { data: notice }
}
