import type { ReviewContent, ReviewItem } from './review-item.ts'

/** An item as a store hands it over: its content still as JSON text, absent once it was erased. */
export interface StoredItem extends Omit<ReviewItem, 'content'> {
  readonly contentJson?: string
}

/** The item for callers. */
export function toReviewItem({ contentJson, ...item }: StoredItem): ReviewItem {
  const content = contentJson === undefined ? { messages: [] } : (JSON.parse(contentJson) as ReviewContent)
  return { ...item, content }
}
