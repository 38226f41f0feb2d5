import type { NewReviewItem, ReviewEvent, ReviewItem, ReviewOutcome, ReviewState } from './review-item.ts'

/**
 * Whose item a call may be about. An item of another tenant is then as unknown as one that is not there: in a store that
 * tenants share, name it wherever an id comes from outside.
 */
export interface TenantScope {
  /** @default any tenant */
  readonly tenant?: string
}

/** Which items to list. */
export interface ReviewFilter {
  readonly tenant?: string
  readonly team?: string
  readonly states?: readonly ReviewState[]
  readonly kind?: NewReviewItem['kind']
  /**
   * Whether items come with their text: content, notes and answers. Without it none is read, and what has text looks as if it
   * was erased but for `erasedAt`. @default true
   */
  readonly content?: boolean
  /** @default 50, at most 500 */
  readonly limit?: number
  /** `next` of the page before. */
  readonly after?: string
}

/**
 * A page in the order in which claims hand items out: priority, then deadline, then age. Escalation aside, that order never
 * changes for an item, so paging neither skips nor repeats one that stays in the filter.
 */
export interface ReviewPage {
  readonly items: readonly ReviewItem[]
  /** Pass as `after` for the next page; undefined on the last. */
  readonly next?: string
}

/** Which entries of the log to read. */
export interface ReviewEventFilter {
  readonly itemId?: string
  readonly tenant?: string
  /** The `sequence` after which to begin. @default 0 */
  readonly after?: number
  /** @default 100, at most 1_000 */
  readonly limit?: number
}

/** An item in one reviewer's hands. */
export interface ReviewClaim {
  readonly item: ReviewItem
  /** Shows that the claim is still this one. `claim` and `extend` alone give it. */
  readonly token: string
  readonly leaseUntil: number
}

/** Leave to do once what was held: single use, for this content and this binding alone. */
export interface Grant {
  /** The item's id. */
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
 * - An item is decided once: a second decision is an error that says so, the same one again is a no-op. Where two opinions
 *   are asked for, two that agree decide, or a third does; nobody gives two, and nobody sees another's before.
 * - A decision that took effect stays. Until then (`undoMs`) nobody can act on it, and its reviewer can undo it.
 * - An undecided item whose deadline has passed is `expired` for every reader from that moment on.
 * - Text is gone for every reader from `expiresAt` on.
 * - Every change appends an event. Tenants are apart in every call that names one.
 *
 * Every method rejects with a `ParapetError` of area `PARAPET_QUEUE_…`; a call that rejects has stored nothing.
 */
export interface ReviewQueue {
  /**
   * @throws PARAPET_QUEUE_KEY_REUSED when the key belongs to other content, another binding or another kind;
   * PARAPET_QUEUE_TOO_LARGE for more than `maxItemBytes`
   */
  enqueue(item: NewReviewItem): Promise<ReviewItem>
  get(id: string, scope?: TenantScope): Promise<ReviewItem | undefined>
  /** Reads an item for a reviewer's eyes without claiming it, and logs who looked. */
  view(
    view: TenantScope & { readonly id: string; readonly reviewer: string },
  ): Promise<ReviewItem | undefined>
  list(filter?: ReviewFilter): Promise<ReviewPage>
  /** How many items there are in each state. */
  count(filter?: {
    readonly tenant?: string
    readonly team?: string
  }): Promise<Readonly<Record<ReviewState, number>>>
  /**
   * Hands the first open item (or the one with `id`) to a reviewer, or undefined when nothing is open for them: what they
   * skipped, or gave an opinion on, is not. Naming an item that one holds already renews its lease, under the same token.
   * @throws PARAPET_QUEUE_CLAIMED when the named item is in other hands; PARAPET_QUEUE_BARRED when the reviewer gave an
   * opinion on it already, or on what it appeals against; PARAPET_QUEUE_DECIDED, PARAPET_QUEUE_EXPIRED,
   * PARAPET_QUEUE_NOT_FOUND when it cannot be claimed at all
   */
  claim(options: {
    /** `parapet` and `end-user` are taken. */
    readonly reviewer: string
    readonly id?: string
    readonly tenant?: string
    readonly team?: string
    /** How long the item stays in these hands, in milliseconds, in [1, 86_400_000]. @default 600_000 */
    readonly leaseMs?: number
    /** Who takes a decision over that was made elsewhere, for the log. */
    readonly importedBy?: string
  }): Promise<ReviewClaim | undefined>
  /** Extends a lease; never shortens it. @throws PARAPET_QUEUE_LEASE_LOST, PARAPET_QUEUE_NOT_FOUND */
  extend(
    claim: TenantScope & {
      readonly id: string
      readonly token: string
      readonly leaseMs?: number
    },
  ): Promise<ReviewClaim>
  /**
   * Puts an item back, with a reason for the log: a short code of your own.
   * @throws PARAPET_QUEUE_LEASE_LOST, PARAPET_QUEUE_NOT_FOUND
   */
  release(
    claim: TenantScope & {
      readonly id: string
      readonly token: string
      readonly reason?: string
    },
  ): Promise<void>
  /**
   * Puts an item back for others: it is not handed to this reviewer again, unless they name it.
   * @throws PARAPET_QUEUE_LEASE_LOST, PARAPET_QUEUE_NOT_FOUND
   */
  skip(
    claim: TenantScope & { readonly id: string; readonly token: string; readonly reason: string },
  ): Promise<void>
  /**
   * Decides an item, or gives one of the opinions that it asks for. It must be in the reviewer's hands. The item comes back
   * `open` when another opinion is needed.
   * @throws PARAPET_QUEUE_LEASE_LOST, PARAPET_QUEUE_DECIDED, PARAPET_QUEUE_EXPIRED, PARAPET_QUEUE_NOT_FOUND;
   * PARAPET_QUEUE_CHANGED when `revision` is not the item's; PARAPET_QUEUE_OUTCOME for an outcome that its kind does not have
   */
  decide(
    decision: TenantScope & {
      readonly id: string
      readonly token: string
      readonly outcome: ReviewOutcome
      /** A short code of your own: 1 to 64 letters, digits, `.`, `_`, `:` or `-`. It goes to the log. */
      readonly reason?: string
      /** Words for the item alone, at most 10_000 characters. Erased with the content. */
      readonly note?: string
      /** The text for the end user, 1 to 1_000_000 characters: exactly with the outcomes `edit` and `answer`. */
      readonly answer?: string
      /** The revision of the item that was read: refused when it has changed since. @default not compared */
      readonly revision?: number
      /** Who takes the decision over from elsewhere, for the log: the reviewer is then as they say. */
      readonly importedBy?: string
    },
  ): Promise<ReviewItem>
  /**
   * Takes back a decision that is not in effect yet; the item is open again.
   * @throws PARAPET_QUEUE_UNDO_REFUSED when it is in effect, or was not made under this token; PARAPET_QUEUE_NOT_FOUND
   */
  undo(decision: TenantScope & { readonly id: string; readonly token: string }): Promise<ReviewItem>
  /**
   * Resolves when the item is approved, rejected or expired, or after `timeoutMs` with the item as it is then.
   * Works across processes on the same store.
   * @throws PARAPET_QUEUE_NOT_FOUND, PARAPET_QUEUE_ABORTED, PARAPET_QUEUE_CLOSED
   */
  wait(
    id: string,
    options: TenantScope & { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<ReviewItem>
  /**
   * Uses up the grant of an approved hold (or of one that expired into `allow`): true once, false ever after, and false
   * for other content, another binding, another tenant, an audit, which held nothing, or a hold that a reviewer answered instead.
   */
  useGrant(grant: Grant & TenantScope): Promise<boolean>
  /**
   * Makes the token with which the end user may appeal against a hold that was rejected, or that expired into `block`.
   * Random, stored as a digest alone; each offer replaces the one before. One appeal an item, none against an appeal.
   * @throws PARAPET_QUEUE_APPEAL_REFUSED, PARAPET_QUEUE_NOT_FOUND
   */
  offerAppeal(item: TenantScope & { readonly id: string }): Promise<{ readonly token: string }>
  /**
   * Opens the appeal: a new item about the same content, for other reviewers, that blocks when nobody decides it. It ends
   * when the text of the first is erased at the latest. The same token again gives the same appeal.
   * @throws PARAPET_QUEUE_APPEAL_REFUSED for a token that is unknown, replaced, or comes too late
   */
  appeal(
    appeal: TenantScope & {
      readonly token: string
      /** The end user's words, at most 2_000 characters. Erased with the content. */
      readonly statement?: string
      /** The reviewers' deadline from now, in milliseconds, in [1, 2_592_000_000]. @default 604_800_000, a week */
      readonly withinMs?: number
    },
  ): Promise<ReviewItem>
  /**
   * Erases the text, answers and notes of one person's items, and the keys and digests made of them; rows and log stay whole. What is not settled is rejected with
   * the reason `erased`: nobody may decide what nobody can read. Returns how many items lost their text.
   *
   * Takes some hundred items at a time, so that nobody waits for long: an erasure of more that rejects has erased some, and the
   * same call again goes on.
   */
  erase(person: { readonly tenant: string; readonly subjectKey: string }): Promise<number>
  /** The log, oldest first. */
  events(filter?: ReviewEventFilter): Promise<readonly ReviewEvent[]>
  /** Finishes what is under way and closes the store; calls that wait reject with PARAPET_QUEUE_CLOSED. Idempotent. */
  close(): Promise<void>
}
