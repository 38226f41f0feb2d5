import { eventDigest } from './event-chain.ts'
import { toColumns, toText } from './item-row.ts'
import { settledChannel } from './schema-name.ts'
import type { WorkspaceChanges } from './workspace.ts'

/** A notification holds 8,000 bytes: so many ids fit. Who is not named in it looks by itself. */
const MOST_NOTIFIED = 200

/**
 * The last message of a transaction: writes what was changed, and commits. In one, so that the lock on the log is never held
 * while a client is to be heard from.
 */
export function writeScript(schema: string, changes: WorkspaceChanges): string {
  if (changes.events.length === 0) return 'COMMIT'
  // Base64 has no quote in it: nothing in the changes can end the literal.
  const json = Buffer.from(JSON.stringify(toJson(schema, changes))).toString('base64')
  return `SELECT ${schema}.review_write(convert_from(decode('${json}', 'base64'), 'UTF8')::json); COMMIT`
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
