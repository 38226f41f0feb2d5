import { canonicalJson } from '../json/canonical.ts'
import { sha256Hex } from '../json/digest.ts'
import type { ChainLink, RecordBody, TornLineBody } from './decision-record.ts'
import { type RecordKey, sealOf } from './record-keys.ts'

/** What the first record of a chain has in place of a hash before it. */
export const FIRST_PREVIOUS = '0'.repeat(64)

/** The longest line that is written, and that is read back, in bytes. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024

/** Where a chain stands: its last record. Kept elsewhere, it shows when the chain's end was cut off. */
export interface Head {
  readonly writer: string
  readonly sequence: number
  readonly hash: string
}

/** A body's members, each as canonical JSON: made when it is appended, so that later changes to the object do not count. */
export type Members = readonly (readonly [key: string, json: string])[]

/** @throws PARAPET_JSON_NOT_JSON, PARAPET_JSON_TOO_DEEP */
export function membersOf(body: RecordBody | TornLineBody): Members {
  return Object.entries(body).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, canonicalJson(value)] as const],
  )
}

/**
 * The line of a record: its canonical JSON (RFC 8785), then `hash` over those bytes, then `seal` over the hash.
 * Merging members by key gives the canonical JSON of the whole, without making it a second time.
 */
export function chainLine(
  members: Members,
  link: Omit<ChainLink, 'hash' | 'seal'>,
  key: RecordKey | undefined,
): { readonly line: string; readonly hash: string } {
  const linked = Object.entries(link).map(([name, value]) => [name, JSON.stringify(value)] as const)
  const sorted = [...members, ...linked].sort(([a], [b]) => (a < b ? -1 : 1))
  const open = `{${sorted.map(([name, json]) => `"${name}":${json}`).join(',')}`
  const hash = sha256Hex(`${open}}`)
  const seal = key ? `,"seal":"${sealOf(key, hash)}"` : ''
  return { line: `${open},"hash":"${hash}"${seal}}`, hash }
}

const TAIL = /,"hash":"[0-9a-f]{64}"(?:,"seal":"[A-Za-z0-9.:_-]{1,200}")?\}$/

/** The hash that a line's bytes have, or undefined when the line does not end as a record does. */
export function hashOfLine(line: string): string | undefined {
  // The tail is short: a pattern anchored at the end would try every place of a long line.
  const from = Math.max(0, line.length - 400)
  const tail = TAIL.exec(line.slice(from))
  return tail ? sha256Hex(`${line.slice(0, from + tail.index)}}`) : undefined
}
