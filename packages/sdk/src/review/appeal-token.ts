import { randomBytes } from 'node:crypto'
import { sha256Hex } from '../json/digest.ts'

/**
 * A token with which one item may be appealed against: its id, so that it is found without an index, and 32 random bytes.
 * The store keeps the digest alone.
 */
export function appealToken(id: string): { readonly token: string; readonly digest: string } {
  const token = `${id}.${randomBytes(32).toString('base64url')}`
  return { token, digest: sha256Hex(token) }
}

/** What a token names. Anything can be read; the store knows whether it holds. */
export function readAppealToken(token: string): { readonly id: string; readonly digest: string } {
  return { id: token.slice(0, Math.max(0, token.lastIndexOf('.'))), digest: sha256Hex(token) }
}
