import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import { canonicalJson } from './canonical.ts'

/** SHA-256 of bytes, or of a string's UTF-8 bytes, as 64 hex digits. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

/**
 * `sha256:` and 64 hex digits over the canonical JSON of a value: equal exactly when the JSON is equal.
 * @throws PARAPET_JSON_NOT_JSON, PARAPET_JSON_TOO_DEEP
 */
export function digestOf(value: unknown): string {
  return `sha256:${sha256Hex(canonicalJson(value))}`
}

/** Preparing a key costs several times what a digest does. A key is not changed in place, so it is prepared once. */
const prepared = new WeakMap<Uint8Array, KeyObject>()

function prepare(key: Uint8Array): KeyObject {
  const known = prepared.get(key)
  if (known) return known
  const made = createSecretKey(key)
  prepared.set(key, made)
  return made
}

/** Keeps texts apart from everything else that is authenticated with the same key. */
const TEXT_DOMAIN = 'parapet.text/1\0'

/**
 * `hmac-sha256:` and 64 hex digits: names a text without holding it. Who lacks the key cannot test a guess.
 *
 * The bytes are the ASCII of `parapet.text/1`, a zero byte, then the text's UTF-16 units, little-endian. UTF-16
 * and not UTF-8, because UTF-8 turns every lone surrogate into U+FFFD and would give different texts one digest.
 */
export function keyedDigest(key: Uint8Array, text: string): string {
  const hmac = createHmac('sha256', prepare(key)).update(TEXT_DOMAIN, 'latin1').update(text, 'utf16le')
  return `hmac-sha256:${hmac.digest('hex')}`
}
