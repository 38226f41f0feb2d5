import type { NewReviewItem, ReviewEvent, ReviewItem, ReviewState } from './review-item.ts'

/** Which items to list. */
export interface ReviewFilter {
  readonly tenant?: string
  readonly states?: readonly ReviewState[]
  readonly kind?: NewReviewItem['kind']
  /** @default 50, at most 500 */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

/** A page in the order in which claims hand items out: priority, then deadline, then age. */
export interface ReviewPage {
  readonly items: readonly ReviewItem[]
  /** Pass as `after` for the next page; undefined on the last. */
  readonly next?: string
}

/** An item in one reviewer's hands. */
export interface ReviewClaim {
  readonly item: ReviewItem
  /** Shows that the claim is still this one. */
  readonly token: string
  readonly leaseUntil: number
}

/** Leave to do once what was held: single use, for this content and this binding alone. */
export interface Grant {
  readonly ticket: string
  readonly contentDigest: string
  readonly bindingHash: string
}

/**
 * A store of items that people decide. What every implementation guarantees, and the contract suite
 * of `@parapet/sdk/testing` checks:
 *
 * - `enqueue` returns after the item is durable; the same key again returns the stored item.
 * - An item is in one reviewer's hands at a time; a lease that runs out puts it back.
 * - An item is decided once: a second decision is an error that says so, the same one again is a no-op.
 * - An undecided item whose deadline has passed is `expired` for every reader from that moment on.
 * - Every change appends an event. Tenants are apart in every read that names one.
 *
 * Every method rejects with a `ParapetError` of area `PARAPET_QUEUE_…`.
 */
export interface ReviewQueue {
  enqueue(item: NewReviewItem): Promise<ReviewItem>
  get(id: string): Promise<ReviewItem | undefined>
  list(filter?: ReviewFilter): Promise<ReviewPage>
  /** How many items there are in each state. */
  count(filter?: { readonly tenant?: string }): Promise<Readonly<Record<ReviewState, number>>>
  /**
   * Hands the first open item (or the one with `id`) to a reviewer, or undefined when there is none.
   * Claiming an item that one holds already renews its lease.
   * @throws PARAPET_QUEUE_CLAIMED when the named item is in other hands
   */
  claim(options: {
    readonly reviewer: string
    readonly id?: string
    readonly tenant?: string
    /** @default 600_000 */
    readonly leaseMs?: number
  }): Promise<ReviewClaim | undefined>
  /** Extends a lease. @throws PARAPET_QUEUE_LEASE_LOST */
  extend(claim: { readonly id: string; readonly token: string; readonly leaseMs?: number }): Promise<ReviewClaim>
  /** Puts an item back, with a reason for the log. @throws PARAPET_QUEUE_LEASE_LOST */
  release(claim: { readonly id: string; readonly token: string; readonly reason?: string }): Promise<void>
  /**
   * Decides an item. It must be in the reviewer's hands.
   * @throws PARAPET_QUEUE_LEASE_LOST, PARAPET_QUEUE_DECIDED, PARAPET_QUEUE_EXPIRED, PARAPET_QUEUE_NOT_FOUND
   */
  decide(decision: {
    readonly id: string
    readonly token: string
    readonly outcome: 'approve' | 'reject'
    readonly reason?: string
    readonly note?: string
  }): Promise<ReviewItem>
  /**
   * Resolves when the item is approved, rejected or expired, or after `timeoutMs` with the item as it is then.
   * Works across processes on the same store.
   */
  wait(id: string, options: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<ReviewItem>
  /**
   * Uses up the grant of an approved item (or of one that expired into `allow`): true once, false ever after,
   * and false for other content or another binding.
   */
  useGrant(grant: Grant): Promise<boolean>
  /** The log, oldest first. */
  events(filter?: { readonly itemId?: string; readonly after?: number; readonly limit?: number }): Promise<readonly ReviewEvent[]>
  close(): Promise<void>
}
