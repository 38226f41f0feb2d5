import type { PostgresConnection } from './driver.ts'
import { eventDigest } from './event-chain.ts'
import { toColumns, toText } from './item-row.ts'
import { settledChannel } from './schema-name.ts'
import type { WorkspaceChanges } from './workspace.ts'

/** A notification holds 8,000 bytes: so many ids fit. Who is not named in it looks by itself. */
const MOST_NOTIFIED = 200
/** As long as all texts of a transaction may be, in UTF-16 units, to go into its last message: beyond it, encoding them costs more than round trips. */
const LONG_TEXT = 1_048_576

/**
 * The last message of a transaction: writes what was changed, and commits. In one, so that the lock on the log is never held
 * while a client is to be heard from. Long texts, and the rows that they belong to, go ahead of it, as values of their own.
 */
export async function prepareCommit(
  connection: PostgresConnection,
  schema: string,
  changes: WorkspaceChanges,
): Promise<string> {
  if (changes.events.length === 0) return 'COMMIT'
  const { inserts, updates, texts, ...rest } = toJson(schema, changes)
  const length = texts.reduce((sum, { content }) => sum + content.length, 0)
  if (length <= LONG_TEXT) return commitOf(schema, { ...rest, inserts, updates, texts })
  const rows = { inserts, updates, texts: [], erased: [], events: [], settled: '' }
  await connection.query(`SELECT ${schema}.review_write($1::text::json)`, [JSON.stringify(rows)])
  for (const { id, content } of texts) await connection.query(writeText(schema), [id, content])
  return commitOf(schema, { ...rest, inserts: [], updates: [], texts: [] })
}

function commitOf(schema: string, changes: ReturnType<typeof toJson>): string {
  // Base64 has no quote in it: nothing in the changes can end the literal.
  const json = Buffer.from(JSON.stringify(changes)).toString('base64')
  return `SELECT ${schema}.review_write(convert_from(decode('${json}', 'base64'), 'UTF8')::json); COMMIT`
}

function writeText(schema: string): string {
  return `INSERT INTO ${schema}.review_text (seq, tenant, subject_key, expires_at, content)
    SELECT seq, tenant, subject_key, expires_at, $2::text FROM ${schema}.review_item WHERE id = $1
    ON CONFLICT (seq) DO UPDATE SET content = excluded.content`
}

function toJson(schema: string, { items, events, settled }: WorkspaceChanges) {
  const texts = items
    .map(({ item, stored }) => ({ id: item.id, was: stored?.text, content: toText(item) }))
    .filter(({ was, content }) => was !== content)
  return {
    inserts: items
      .filter(({ stored }) => stored === undefined)
      .map(({ item }, place) => ({ place, ...toColumns(item) })),
    updates: items.flatMap(({ item, stored }) =>
      stored === undefined ? [] : [{ was: stored.revision, ...toColumns(item) }],
    ),
    texts: texts.flatMap(({ id, content }) => (content === undefined ? [] : [{ id, content }])),
    erased: texts.filter(({ content }) => content === undefined).map(({ id }) => id),
    events: events.map(toEntry),
    settled: settled.slice(0, MOST_NOTIFIED).join(','),
    channel: settledChannel(schema),
  }
}

function toEntry({ item, event }: WorkspaceChanges['events'][number], place: number) {
  const { id: itemId, tenant } = item
  const detail = JSON.stringify(event.detail)
  return {
    place,
    item_id: itemId,
    tenant,
    subject_key: item.subjectKey ?? null,
    expires_at: item.expiresAt,
    kind: event.kind,
    at: event.at,
    actor: event.actor,
    detail,
    digest: eventDigest({ ...event, itemId, tenant, detail }),
  }
}
