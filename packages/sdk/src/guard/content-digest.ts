import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/**
 * Digests of held content carry a salt of their own: a grant can be checked on any machine, and whoever has erased the
 * item (salt and all) has left nothing to guess texts by.
 */
export function saltedDigest(content: string, salt = randomBytes(16).toString('hex')): string {
  return `${salt}:${createHmac('sha256', Buffer.from(salt, 'hex')).update(content, 'utf16le').digest('hex')}`
}

/** Whether `digest` was made of `content`. */
export function matchesDigest(content: string, digest: string): boolean {
  const [salt = ''] = digest.split(':')
  const expected = Buffer.from(saltedDigest(content, salt))
  const given = Buffer.from(digest)
  return expected.length === given.length && timingSafeEqual(expected, given)
}
