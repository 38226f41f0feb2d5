import type { JobInsert, PgBoss } from 'pg-boss'
import type { NoticeTarget, ReviewNotice } from '../notice/review-notice.ts'
import { statement } from './boss-database.ts'
import type { PostgresConnection, Row } from './driver.ts'
import { type HashedEvent, type NoticedItem, noticeOf } from './notice-of.ts'
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
        `SELECT event.sequence::float8 AS sequence, item_id, event.tenant, event.kind, at::float8 AS at, actor, detail, hash,
           item.entry
         FROM ${schema}.review_event event JOIN ${schema}.review_item item ON item.id = event.item_id
         WHERE event.sequence > $1 ORDER BY event.sequence LIMIT ${PAGE}`,
        [cursor['sequence']],
      )
    : []
  const jobs = rows
    .map(noticeOfRow)
    .filter((notice) => notice !== undefined && isWanted(notice, target))
    .map((notice): JobInsert<ReviewNotice> => ({ data: notice as ReviewNotice }))
  if (jobs.length > 0) await boss.insert(noticeQueue(target.id), jobs, { db: statement(connection) })
  const last = rows.at(-1)
  if (last) {
    await connection.query(`UPDATE ${schema}.review_cursor SET sequence = $2 WHERE name = $1`, [
      name,
      last['sequence'],
    ])
  }
  await connection.script('COMMIT')
  return rows.length
}

function noticeOfRow(row: Row): ReviewNotice | undefined {
  const event: HashedEvent = { ...toEvent(row), hash: row['hash'] as string }
  return noticeOf(event, JSON.parse(row['entry'] as string) as NoticedItem)
}

function isWanted({ type, kind }: ReviewNotice, { types, audits = false }: NoticeTarget): boolean {
  return types.includes(type) && (audits || kind !== 'audit')
}

function cursorName(targetId: string): string {
  return `notices:${targetId}`
}
