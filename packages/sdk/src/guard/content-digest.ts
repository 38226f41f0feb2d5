import { createHmac, timingSafeEqual } from 'node:crypto'
import { sha256Hex } from '../json/digest.ts'
import type { NewReviewItem } from '../review/review-item.ts'

/**
 * The digest of held content, salted by the review's key: the same for a retry, checkable on any machine that sees the
 * item. The salt stands in it, so that a short text can be found by trying: a queue erases it with the text.
 */
export function contentDigest(content: string, key: string): string {
  return digestWith(content, sha256Hex(key).slice(0, 32))
}

function digestWith(content: string, salt: string): string {
  return `${salt}:${createHmac('sha256', Buffer.from(salt, 'hex')).update(content, 'utf16le').digest('hex')}`
}

/**
 * Whether an item's digest was made of the content that stands in it, as a guard makes it: then an approval of what a reviewer
 * reads is a grant for that, and for nothing else.
 */
export function isContentOf({
  content,
  contentDigest,
}: Pick<NewReviewItem, 'content' | 'contentDigest'>): boolean {
  return matchesDigest(content.answer ?? JSON.stringify(content.messages), contentDigest)
}

/** Whether `digest` was made of `content`. */
export function matchesDigest(content: string, digest: string): boolean {
  const [salt = ''] = digest.split(':')
  const expected = Buffer.from(digestWith(content, salt))
  const given = Buffer.from(digest)
  return expected.length === given.length && timingSafeEqual(expected, given)
}
