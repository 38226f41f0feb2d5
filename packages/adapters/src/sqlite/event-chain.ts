import { hash } from 'node:crypto'
import type { ReviewEvent } from '@parapet/sdk/review-rules'

/** What the first entry is chained to. */
export const CHAIN_START = '0'.repeat(64)

/** An entry whose `detail` is JSON text, as it is stored. */
export interface ChainedEvent extends Omit<ReviewEvent, 'detail'> {
  readonly detail: string
}

/** The hash of an entry: SHA-256, in hex, over the hash before it and every field that readers see. */
export function chainHash(previous: string, event: ChainedEvent): string {
  const { sequence, itemId, tenant, kind, at, actor, detail } = event
  return hash('sha256', JSON.stringify([previous, sequence, itemId, tenant, kind, at, actor, detail]))
}
