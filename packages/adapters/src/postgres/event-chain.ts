import { hash } from 'node:crypto'
import type { ReviewEvent } from '@parapet/sdk'

/** What the first entry is chained to. */
export const CHAIN_START = '0'.repeat(64)

/** An entry before it has its place, its `detail` as JSON text. */
export type UnchainedEvent = Omit<ReviewEvent, 'sequence' | 'detail'> & { readonly detail: string }

/** SHA-256, in hex, over every field that readers see, its place aside. */
export function eventDigest({ itemId, tenant, kind, at, actor, detail }: UnchainedEvent): string {
  return hash('sha256', JSON.stringify([itemId, tenant, kind, at, actor, detail]))
}

/** The hash of an entry at its place in the log. The function `review_write` of the schema computes the same. */
export function chainHash(previous: string, sequence: number, digest: string): string {
  return hash('sha256', `${previous}:${sequence}:${digest}`)
}
