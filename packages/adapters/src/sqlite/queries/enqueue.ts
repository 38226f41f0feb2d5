import type { NewStoredItem, StoredItem } from '@parapet/sdk'
import { requireItem, SELECT_ITEM } from '../find-item.ts'
import { type ItemRow, toStoredItem } from '../item-row.ts'
import { QueueFault } from '../queue-fault.ts'
import type { ReviewDatabase } from '../review-database.ts'
import { timeOrderedId } from '../time-ordered-id.ts'
import { sweep } from './sweep.ts'

/** Stores an item, or finds the one with its key. */
export function enqueue(database: ReviewDatabase, at: number, item: NewStoredItem): StoredItem {
  const there = database
    .statement(`${SELECT_ITEM} WHERE review_item.tenant = ? AND key = ?`)
    .get(item.tenant, item.key) as ItemRow | undefined
  if (there) return toStoredItem(requireSame(there, item))

  const id = timeOrderedId(at)
  const dueAt = item.deadlineAt ?? item.expiresAt
  const { lastInsertRowid } = database
    .statement(
      `INSERT INTO review_item (id, tenant, subject_key, expires_at, key, kind, decision_id, binding_hash,
         content_digest, reasons, edits, priority, deadline_at, otherwise, created_at, state, revision, due_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', 1, ?)`,
    )
    .run(
      id,
      item.tenant,
      item.subjectKey ?? null,
      item.expiresAt,
      item.key,
      item.kind,
      item.decisionId,
      item.bindingHash,
      item.contentDigest,
      JSON.stringify(item.reasons),
      JSON.stringify(item.edits),
      item.priority,
      item.deadlineAt ?? null,
      item.otherwise ?? null,
      at,
      dueAt,
    )
  const seq = Number(lastInsertRowid)
  const subjectKey = item.subjectKey ?? null
  database
    .statement(
      'INSERT INTO review_text (seq, tenant, subject_key, expires_at, content) VALUES (?, ?, ?, ?, ?)',
    )
    .run(seq, item.tenant, subjectKey, item.expiresAt, item.contentJson)
  database.append(
    { seq, id, tenant: item.tenant, subject_key: subjectKey, expires_at: item.expiresAt },
    { kind: 'enqueued', at, actor: 'parapet' },
    { kind: item.kind, priority: item.priority },
  )
  if (dueAt > at) return { ...item, id, state: 'open', createdAt: at, revision: 1 }
  // An item that arrives after its own deadline is expired for its first reader too.
  sweep(database, at)
  return toStoredItem(requireItem(database, 'enqueue', { id }))
}

function requireSame(row: ItemRow, item: NewStoredItem): ItemRow {
  const differs =
    (row.content_digest !== item.contentDigest && 'contentDigest') ||
    (row.binding_hash !== item.bindingHash && 'bindingHash') ||
    (row.kind !== item.kind && 'kind')
  if (differs) throw new QueueFault('PARAPET_QUEUE_KEY_REUSED', { id: row.id, differs })
  return row
}
