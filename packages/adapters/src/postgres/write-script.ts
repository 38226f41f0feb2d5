import { toColumns, toText } from './item-row.ts'
import { eventDigest } from './event-chain.ts'
import { settledChannel } from './schema-name.ts'
import type { Workspace } from './workspace.ts'

/** A notification holds 8,000 bytes: so many ids fit. Who is not named in it looks by itself. */
const MOST_NOTIFIED = 200

/**
 * The last message of a transaction: writes what the workspace changed, and commits. In one, so that the lock on the log is
 * never held while a client is to be heard from.
 */
export function writeScript(schema: string, workspace: Workspace): string {
  if (workspace.isUnchanged) return 'COMMIT'
  const changes = Buffer.from(JSON.stringify(toChanges(schema, workspace))).toString('base64')
  // Base64 has no quote in it: nothing in the changes can end the literal.
  return `SELECT ${schema}.review_write(convert_from(decode('${changes}', 'base64'), 'UTF8')::json); COMMIT`
}

function toChanges(schema: string, workspace: Workspace) {
  const { items, events, settled } = workspace.changes()
  const texts = items.map(({ item, was }) => ({ id: item.id, was, content: toText(item) }))
  return {
    inserts: items
      .filter(({ was }) => was === undefined)
      .map(({ item }, place) => ({ place, ...toColumns(item) })),
    updates: items.flatMap(({ item, was }) => (was === undefined ? [] : [{ was, ...toColumns(item) }])),
    texts: texts.filter(({ content }) => content !== undefined).map(({ id, content }) => ({ id, content })),
    erased: texts.filter(({ content }) => content === undefined).map(({ id }) => id),
    events: events.map(({ item, event }, place) => {
      const entry = { ...event, itemId: item.id, tenant: item.tenant, detail: JSON.stringify(event.detail) }
      return {
        place,
        item_id: item.id,
        tenant: item.tenant,
        subject_key: item.subjectKey ?? null,
        expires_at: item.expiresAt,
        kind: entry.kind,
        at: entry.at,
        actor: entry.actor,
        detail: entry.detail,
        digest: eventDigest(entry),
      }
    }),
    settled: settled.slice(0, MOST_NOTIFIED).join(','),
    channel: settledChannel(schema),
  }
}
