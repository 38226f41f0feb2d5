import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { serverError } from './codes.ts'

/** A key that lets a caller in, and whose requests they then are. */
export interface ServerKey {
  readonly tenant: string
  /** At least 24 characters: letters, digits and punctuation of ASCII, no spaces. */
  readonly key: string
}

/** Shorter ones could be guessed. */
export const LEAST_KEY_CHARACTERS = 24

const TENANT = /^[\p{L}\p{N}._:@/-]{1,300}$/u
const KEY = /^[\x21-\x7e]{24,1000}$/

/**
 * Reads keys out of a text: on each line a tenant, a space and a key. Blank lines and lines that begin with `#` are left out.
 * @throws PARAPET_SERVER_KEYS_INVALID, which names the line and never what stands on it
 */
export function parseServerKeys(text: string): ServerKey[] {
  const keys: ServerKey[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const written = line.trim()
    if (written === '' || written.startsWith('#')) continue
    const wrong = (problem: string) =>
      serverError('PARAPET_SERVER_KEYS_INVALID', { line: index + 1, problem })
    const [tenant = '', key, ...rest] = written.split(/\s+/)
    if (key === undefined || rest.length > 0)
      throw wrong(`it has ${rest.length + (key === undefined ? 1 : 2)} words`)
    if (!TENANT.test(tenant)) throw wrong('the tenant is no id')
    if (!KEY.test(key))
      throw wrong(`the key has ${key.length} characters, or some that a header cannot carry`)
    if (keys.some((other) => other.key === key)) throw wrong('the key stands on an earlier line too')
    keys.push({ tenant, key })
  }
  return keys
}

/**
 * Makes the function that finds the tenant of a key. It compares digests under a random secret, all of them each time, so
 * that its time says nothing of how much of a key was right, or which.
 */
export function tenantFinder(keys: readonly ServerKey[]): (presented: string) => string | undefined {
  const secret = randomBytes(32)
  const digest = (text: string) => createHmac('sha256', secret).update(text).digest()
  const known = keys.map(({ tenant, key }) => ({ tenant, digest: digest(key) }))
  return (presented) => {
    const given = digest(presented)
    let found: string | undefined
    for (const key of known) if (timingSafeEqual(key.digest, given)) found = key.tenant
    return found
  }
}
