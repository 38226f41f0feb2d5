import {
  dueAt,
  excludedFrom,
  type ReviewRows,
  type RowChange,
  type StoredItem,
  settles,
} from '@parapet/sdk/review-rules'
import { fromStoredItem, type ItemRow, toStoredItem } from './item-document.ts'
import { placeOf } from './place.ts'
import type { ReviewDatabase } from './review-database.ts'

/** Selects whole rows; what follows it says which. */
export const SELECT_ITEM = `SELECT review_item.*, review_text.content, review_text.words
FROM review_item LEFT JOIN review_text USING (seq)`

const NOT_EXCLUDED =
  '(excluded IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(excluded) WHERE json_each.value = ?))'

/** What the rules ask for, in SQL. Within a transaction that the caller began. */
export class SqliteRows implements ReviewRows {
  readonly #database: ReviewDatabase

  constructor(database: ReviewDatabase) {
    this.#database = database
  }

  find(id: string): StoredItem | undefined {
    return this.#first('WHERE id = ?', id)
  }

  findKey({ tenant, key }: { readonly tenant: string; readonly key: string }): StoredItem | undefined {
    return this.#first('WHERE review_item.tenant = ? AND key = ?', tenant, key)
  }

  firstOpen({ reviewer, tenant, team }: Parameters<ReviewRows['firstOpen']>[0]): StoredItem | undefined {
    const place = placeOf({ tenant, team })
    const conditions = ["state = 'open'", ...place.conditions, NOT_EXCLUDED]
    const first = 'ORDER BY rank, deadline_rank, review_item.seq LIMIT 1'
    return this.#first(`WHERE ${conditions.join(' AND ')} ${first}`, ...place.values, reviewer)
  }

  mostDue(at: number): StoredItem | undefined {
    return this.#first('WHERE due_at <= ? ORDER BY due_at, seq LIMIT 1', at)
  }

  ofSubject({ tenant, subjectKey, limit }: Parameters<ReviewRows['ofSubject']>[0]) {
    const rows = this.#database
      .statement(
        `${SELECT_ITEM} WHERE review_item.tenant = ? AND review_item.subject_key = ? AND erased_at IS NULL
         ORDER BY review_item.seq LIMIT ?`,
      )
      .all(tenant, subjectKey, limit)
    return (rows as unknown as ItemRow[]).map(toStoredItem)
  }

  insert(change: RowChange): boolean {
    const { item } = change
    const { document } = fromStoredItem(item)
    const { changes, lastInsertRowid } = this.#database
      .statement(
        `INSERT INTO review_item (id, tenant, subject_key, expires_at, key, kind, team, state, priority, deadline_at, due_at,
           excluded, document)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, key) DO NOTHING`,
      )
      .run(
        item.id,
        item.tenant,
        item.subjectKey ?? null,
        item.expiresAt,
        item.key,
        item.kind,
        item.team,
        item.state,
        item.priority,
        item.deadlineAt ?? null,
        dueAt(item) ?? null,
        toExcluded(item),
        document,
      )
    if (changes === 0) return false
    this.#database
      .statement(
        'INSERT INTO review_text (seq, tenant, subject_key, expires_at, content) VALUES (?, ?, ?, ?, ?)',
      )
      .run(lastInsertRowid, item.tenant, item.subjectKey ?? null, item.expiresAt, item.contentJson ?? '')
    this.append(change)
    return true
  }

  update(change: RowChange): void {
    const { item, event } = change
    const { document, words } = fromStoredItem(item)
    this.#database
      .statement(
        `UPDATE review_item SET key = ?, team = ?, state = ?, priority = ?, due_at = ?, erased_at = ?, excluded = ?, document = ?
         WHERE id = ?`,
      )
      .run(
        item.key,
        item.team,
        item.state,
        item.priority,
        dueAt(item) ?? null,
        item.erasedAt ?? null,
        toExcluded(item),
        document,
        item.id,
      )
    if (event.kind === 'erased') {
      this.#database
        .statement('DELETE FROM review_text WHERE seq = (SELECT seq FROM review_item WHERE id = ?)')
        .run(item.id)
    } else if (item.given.length > 0 || event.kind === 'undone') {
      // Words come with an opinion, and go when it is taken back.
      this.#database
        .statement(
          'UPDATE review_text SET words = ? WHERE seq = (SELECT seq FROM review_item WHERE id = ?) AND words IS NOT ?',
        )
        .run(words, item.id, words)
    }
    if (settles(change)) this.#database.noteSettled(item.id)
    this.append(change)
  }

  append(change: RowChange): void {
    this.#database.append(change)
  }

  #first(where: string, ...values: (string | number)[]): StoredItem | undefined {
    const row = this.#database.statement(`${SELECT_ITEM} ${where}`).get(...values)
    return row && toStoredItem(row as unknown as ItemRow)
  }
}

function toExcluded(item: StoredItem): string | null {
  const excluded = excludedFrom(item)
  return excluded.length === 0 ? null : JSON.stringify(excluded)
}
