import type { StoredItem } from '@parapet/sdk/review-rules'

/** A row of `review_item`, joined with its text. */
export interface ItemRow {
  readonly document: string
  readonly content: string | null
  /** JSON: what was written with each of the opinions given. */
  readonly words: string | null
}

/** What a reviewer wrote: text, and so kept apart from the rest of an opinion. */
interface Words {
  readonly note?: string
  readonly answer?: string
}

/** The item of a row. */
export function toStoredItem({ document, content, words }: ItemRow): StoredItem {
  const { given, ...item } = JSON.parse(document) as StoredItem
  const written = words === null ? [] : (JSON.parse(words) as Words[])
  return {
    ...item,
    ...(content !== null && { contentJson: content }),
    given: given.map((opinion, index) => ({ ...opinion, ...written[index] })),
  }
}

/** The item as its row keeps it: text apart, for the table that is erased. */
export function fromStoredItem(item: StoredItem): {
  readonly document: string
  readonly words: string | null
} {
  const { contentJson: _, ...rest } = item
  const given = item.given.map(({ note: __, answer: ___, ...opinion }) => opinion)
  const words = item.given.map(({ note, answer }) => ({ note, answer }))
  const isWritten = words.some(({ note, answer }) => note !== undefined || answer !== undefined)
  return { document: JSON.stringify({ ...rest, given }), words: isWritten ? JSON.stringify(words) : null }
}
