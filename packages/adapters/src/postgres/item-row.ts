import { hash } from 'node:crypto'
import { dueAt, excludedFrom, type StoredItem } from '@parapet/sdk/review-rules'
import type { Row } from './driver.ts'

/** An item with its place in the order of arrival. */
export interface PlacedItem {
  readonly order: number
  readonly item: StoredItem
}

/** What stands for an item without a deadline in the order of claims. */
export const NO_DEADLINE = Number.MAX_SAFE_INTEGER

/** Stands for a text that is stored and was not read: no text is empty. */
export const UNREAD = ''

/** The text of an item, which is stored apart from the rest. */
interface ItemText {
  readonly contentJson: string
  /** The reviewers' words, in the order of `given`. */
  readonly given: readonly { readonly note?: string; readonly answer?: string }[]
}

/** The columns of an item, as `review_write` takes them. */
export function toColumns(item: StoredItem) {
  return {
    id: item.id,
    tenant: item.tenant,
    subject_key: item.subjectKey ?? null,
    expires_at: item.expiresAt,
    key_digest: keyDigest(item),
    subject_digest: item.subjectKey === undefined ? null : subjectDigest(item.tenant, item.subjectKey),
    kind: item.kind,
    team: item.team,
    state: item.state,
    revision: item.revision,
    rank: -item.priority,
    deadline_rank: item.deadlineAt ?? NO_DEADLINE,
    due_at: dueAt(item) ?? null,
    excluded: excludedFrom(item),
    entry: JSON.stringify(withoutText(item)),
  }
}

/** The text of an item as it is stored; undefined when it was erased, `UNREAD` when it was not read. */
export function toText({ contentJson, given }: StoredItem): string | undefined {
  if (contentJson === undefined) return undefined
  if (contentJson === UNREAD) return UNREAD
  const text: ItemText = {
    contentJson,
    given: given.map(({ note, answer }) => ({
      ...(note !== undefined && { note }),
      ...(answer !== undefined && { answer }),
    })),
  }
  return JSON.stringify(text)
}

/** The item of a row with `order`, `entry` and, where it still has text, `content`. */
export function toPlacedItem(row: Row): PlacedItem {
  const item = JSON.parse(row['entry'] as string) as StoredItem
  const order = Number(row['order'])
  return { order, item: withText(item, row['content']) }
}

/** An item with its text, as `toText` gave it; as it is, when there is none. */
export function withText(item: StoredItem, content: unknown): StoredItem {
  if (typeof content !== 'string') return item
  if (content === UNREAD) return { ...item, contentJson: UNREAD }
  const text = JSON.parse(content) as ItemText
  const given = item.given.map((opinion, index) => ({ ...opinion, ...text.given[index] }))
  return { ...item, contentJson: text.contentJson, given }
}

/** What a key of a tenant is looked up by. */
export function keyDigest({ tenant, key }: Pick<StoredItem, 'tenant' | 'key'>): string {
  return hash('sha256', JSON.stringify([tenant, key]))
}

/** What a person's items are looked up by. */
export function subjectDigest(tenant: string, subjectKey: string): string {
  return hash('sha256', JSON.stringify([tenant, subjectKey]))
}

function withoutText({ contentJson: _, given, ...item }: StoredItem): StoredItem {
  return { ...item, given: given.map(({ note: __, answer: ___, ...opinion }) => opinion) }
}
