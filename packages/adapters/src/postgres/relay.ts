import type { JobInsert, PgBoss } from 'pg-boss'
import type { NoticeTarget, ReviewNotice } from '../notice/review-notice.ts'
import { statement } from './boss-database.ts'
import type { PostgresConnection } from './driver.ts'
import { type HashedEvent, noticeOf } from './notice-of.ts'
import { noticeQueue } from './notice-queues.ts'
import { toEvent } from './queries/events.ts'

/** How many entries of the log are read at a time. */
const PAGE = 500

/**
 * Gives a target its place in the log, unless it has one: the log's first entry, or its end for one that asks for what comes
 * from now on.
 */
export async function openCursor(
  connection: PostgresConnection,
  schema: string,
  { id, from }: NoticeTarget,
): Promise<void> {
  const start = from === 'now' ? `(SELECT coalesce(max(sequence), 0) FROM ${schema}.review_event)` : '0'
  await connection.query(
    `INSERT INTO ${schema}.review_cursor (name, sequence) VALUES ($1, ${start}) ON CONFLICT DO NOTHING`,
    [cursorName(id)],
  )
}

/**
 * Files a delivery job for each entry of the log that a target wants to be told, and moves the target's own place on in the
 * log, in one transaction: each is filed once, whatever dies when, and nothing is passed by a worker that does not have the
 * target. Gives how many entries it passed; one worker at a time does it.
 */
export async function relay(
  connection: PostgresConnection,
  schema: string,
  { boss, target }: { readonly boss: PgBoss; readonly target: NoticeTarget },
): Promise<number> {
  const name = cursorName(target.id)
  await connection.script('BEGIN')
  const [cursor] = await connection.query(
    `SELECT sequence::float8 AS sequence FROM ${schema}.review_cursor WHERE name = $1 FOR UPDATE SKIP LOCKED`,
    [name],
  )
  const rows = cursor
    ? await connection.query(
        `SELECT sequence::float8 AS sequence, item_id, tenant, kind, at::float8 AS at, actor, detail, hash
         FROM ${schema}.review_event WHERE sequence > $1 ORDER BY sequence LIMIT ${PAGE}`,
        [cursor['sequence']],
      )
    : []
  const events = rows.map((row): HashedEvent => ({ ...toEvent(row), hash: row['hash'] as string }))
  const jobs = events
    .map(noticeOf)
    .filter((notice) => notice !== undefined && target.types.includes(notice.type))
    .map((notice): JobInsert<ReviewNotice> => ({ data: notice as ReviewNotice }))
  if (jobs.length > 0) await boss.insert(noticeQueue(target.id), jobs, { db: statement(connection) })
  const last = events.at(-1)
  if (last) {
    await connection.query(`UPDATE ${schema}.review_cursor SET sequence = $2 WHERE name = $1`, [
      name,
      last.sequence,
    ])
  }
  await connection.script('COMMIT')
  return events.length
}

function cursorName(targetId: string): string {
  return `notices:${targetId}`
}
