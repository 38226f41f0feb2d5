import { createHmac } from 'node:crypto'
import { sha256Hex } from '../json/digest.ts'
import { recordError } from './errors.ts'

/** A secret and its name. The name stands in records, so that digests can be traced after the key was rotated. */
export interface RecordKey {
  /** 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  readonly id: string
  /** At least 32 random bytes. */
  readonly key: Uint8Array
}

/** The key that digests are made with, and the earlier ones that older records name. */
export interface RecordKeys {
  readonly current: RecordKey
  readonly previous: readonly RecordKey[]
  /** The key with this id, if it is still known. */
  find(id: string): RecordKey | undefined
}

export const LEAST_KEY_BYTES = 32
/** Where `environmentKeys` looks: base64 keys parted by commas, the current one first. */
export const KEY_VARIABLE = 'PARAPET_RECORD_KEY'
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/

/**
 * Keys that you hold yourself (a secret manager).
 * @throws PARAPET_RECORD_KEY_INVALID for a short key, a malformed id, or two keys of one id
 */
export function recordKeys(options: {
  readonly current: RecordKey
  readonly previous?: readonly RecordKey[]
}): RecordKeys {
  const [current, ...previous] = [options.current, ...(options.previous ?? [])].map(checkedKey) as [
    RecordKey,
    ...RecordKey[],
  ]
  const byId = new Map([current, ...previous].map((key) => [key.id, key]))
  if (byId.size !== previous.length + 1)
    throw recordError('PARAPET_RECORD_KEY_INVALID', { issue: 'two keys have the same id' })
  return Object.freeze({ current, previous, find: (id: string) => byId.get(id) })
}

function checkedKey({ id, key }: RecordKey): RecordKey {
  if (typeof id !== 'string' || !KEY_ID.test(id))
    throw recordError('PARAPET_RECORD_KEY_INVALID', { issue: 'its id is not 1 to 64 of A-Z a-z 0-9 . _ -' })
  if (!(key instanceof Uint8Array) || key.length < LEAST_KEY_BYTES)
    throw recordError('PARAPET_RECORD_KEY_INVALID', {
      issue: `it has ${key instanceof Uint8Array ? key.length : 'no'} bytes`,
    })
  // A copy: a caller that wipes or reuses its buffer changes nothing here.
  return Object.freeze({ id, key: Uint8Array.from(key) })
}

/** An id made from the key itself: the same key has the same id wherever it comes from, and the id tells nothing of it. */
export function keyIdOf(key: Uint8Array): string {
  return `k${sha256Hex(key).slice(0, 12)}`
}

/**
 * Reads a key written as base64, as `openssl rand -base64 32` prints it.
 * @throws PARAPET_RECORD_KEY_INVALID
 */
export function parseKey(text: string): RecordKey {
  const key = Buffer.from(text, 'base64')
  // `Buffer.from` skips what it cannot read: a key with a typing error must not become a shorter one.
  if (key.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, ''))
    throw recordError('PARAPET_RECORD_KEY_INVALID', { issue: 'it is not base64' })
  return checkedKey({ id: keyIdOf(key), key })
}

/**
 * The keys in the environment variable `PARAPET_RECORD_KEY`, or undefined when it is not set.
 * @throws PARAPET_RECORD_KEY_INVALID
 */
export function environmentKeys(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RecordKeys | undefined {
  const text = environment[KEY_VARIABLE]
  if (text === undefined || text.trim() === '') return undefined
  const [current, ...previous] = text.split(',').map((part) => parseKey(part.trim())) as [
    RecordKey,
    ...RecordKey[],
  ]
  return recordKeys({ current, previous })
}

/** Keeps seals apart from digests of texts made with the same key: else a text could be chosen to forge a seal. */
const SEAL_DOMAIN = 'parapet.seal/1\0'

/** `hmac-sha256:<keyId>:<hex>` over a record's hash. */
export function sealOf({ id, key }: RecordKey, hash: string): string {
  return `hmac-sha256:${id}:${createHmac('sha256', key).update(SEAL_DOMAIN, 'latin1').update(hash, 'latin1').digest('hex')}`
}
