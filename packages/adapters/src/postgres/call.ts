import type { NewStoredItem, ReviewInput, ReviewTransactions } from '@parapet/sdk/review-rules'

/** A call that waits for its transaction. */
export interface Call {
  readonly name: keyof ReviewTransactions
  /** The moment by the caller's clock. */
  readonly at: number
  /** The same moment by `performance.now()`, so that what the call waited is not taken for a clock that is off. */
  readonly askedAt: number
  readonly input: unknown
}

/** What became of a call. */
export type Answer = { readonly value: unknown } | { readonly error: unknown }

const READS: ReadonlySet<string> = new Set(['get', 'list', 'count', 'events', 'settled', 'sweep'])
/** Reads of many rows, which only a query can answer. */
const SET_READS: ReadonlySet<string> = new Set(['list', 'count', 'events', 'settled'])

export function isRead({ name }: Call): boolean {
  return READS.has(name)
}

/** How many of the calls go into one transaction: the reads at their head, or all up to a read of what they write. */
export function groupLength(calls: readonly Call[], maxBatch: number): number {
  const head = calls[0]
  const reads = head !== undefined && isRead(head)
  const end = calls.findIndex((call) => (reads ? !isRead(call) : SET_READS.has(call.name)))
  return Math.min(end === -1 ? calls.length : end, maxBatch)
}

/** What a call names by id. */
export function idOf({ name, input }: Call): string | undefined {
  if (name === 'useGrant') return (input as ReviewInput<'useGrant'>).ticket
  return (input as { readonly id?: string } | null)?.id
}

/** What a call names by key. */
export function keyOf({ name, input }: Call): Pick<NewStoredItem, 'tenant' | 'key'> | undefined {
  return name === 'enqueue' ? (input as NewStoredItem) : undefined
}
