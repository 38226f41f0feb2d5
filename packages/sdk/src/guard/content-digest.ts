import { createHmac, timingSafeEqual } from 'node:crypto'
import { sha256Hex } from '../json/digest.ts'

/**
 * The digest of held content, salted by the review's key: the same for a retry, checkable on any machine that sees the
 * item, and of no use once the item is erased.
 */
export function contentDigest(content: string, key: string): string {
  return digestWith(content, sha256Hex(key).slice(0, 32))
}

function digestWith(content: string, salt: string): string {
  return `${salt}:${createHmac('sha256', Buffer.from(salt, 'hex')).update(content, 'utf16le').digest('hex')}`
}

/** Whether `digest` was made of `content`. */
export function matchesDigest(content: string, digest: string): boolean {
  const [salt = ''] = digest.split(':')
  const expected = Buffer.from(digestWith(content, salt))
  const given = Buffer.from(digest)
  return expected.length === given.length && timingSafeEqual(expected, given)
}
