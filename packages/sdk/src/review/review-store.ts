import type { ReviewEvent, ReviewKind, ReviewOutcome, ReviewState } from './review-item.ts'
import type { Grant } from './review-queue.ts'
import type { NewStoredItem, StoredItem } from './stored-item.ts'

/** Where a page ended: what the order of claims is made of. `order` goes up with each item stored. */
export interface PagePosition {
  readonly priority: number
  /** `Number.MAX_SAFE_INTEGER` for an item without a deadline. */
  readonly deadlineAt: number
  readonly order: number
}

/** An item in a reviewer's hands, as a store hands it over. */
export interface StoredClaim {
  readonly item: StoredItem
  readonly token: string
  readonly leaseUntil: number
}

type OrUndefined<Shape> = { readonly [Key in keyof Shape]: Shape[Key] | undefined }

/** An item that a call names by its id: of this tenant, where one is named. */
export interface NamedItem {
  readonly id: string
  readonly tenant: string | undefined
}

/** The claim that a call is made under. */
interface Held extends NamedItem {
  readonly token: string
}

/**
 * What a store does: one transaction a call, each at a moment `at` that the caller read from its clock. Before anything else
 * a call puts into effect what was due by then (see `sweep`), also when it fails. A store may answer at once or later:
 * `ReviewStore.run` gives a promise of what each returns.
 */
export interface ReviewTransactions {
  enqueue(at: number, item: NewStoredItem): StoredItem
  get(at: number, item: NamedItem): StoredItem | undefined
  view(at: number, view: NamedItem & { readonly reviewer: string }): StoredItem | undefined
  list(
    at: number,
    filter: OrUndefined<{ tenant: string; team: string; kind: ReviewKind; after: PagePosition }> & {
      readonly states: readonly ReviewState[]
      readonly limit: number
      /** Whether text is read: `contentJson`, and the words of what was `given`. */
      readonly content: boolean
    },
  ): { readonly items: readonly StoredItem[]; readonly next: PagePosition | undefined }
  count(at: number, filter: OrUndefined<{ tenant: string; team: string }>): Record<ReviewState, number>
  claim(
    at: number,
    claim: OrUndefined<{ id: string; tenant: string; team: string }> & {
      readonly reviewer: string
      readonly leaseMs: number
      readonly importedBy?: string | undefined
    },
  ): StoredClaim | undefined
  extend(at: number, claim: Held & { readonly leaseMs: number }): StoredClaim
  release(at: number, claim: Held & OrUndefined<{ reason: string }>): void
  skip(at: number, claim: Held & { readonly reason: string }): void
  decide(
    at: number,
    decision: Held &
      OrUndefined<{ reason: string; note: string; answer: string; revision: number }> & {
        readonly outcome: ReviewOutcome
        readonly importedBy?: string | undefined
      },
  ): StoredItem
  undo(at: number, decision: Held): StoredItem
  useGrant(at: number, grant: Grant & OrUndefined<{ tenant: string }>): boolean
  offerAppeal(at: number, offer: NamedItem & { readonly digest: string }): void
  appeal(
    at: number,
    appeal: NamedItem &
      OrUndefined<{ statement: string }> & {
        readonly digest: string
        readonly withinMs: number
      },
  ): StoredItem
  /** As many as `MOST_ERASED` at the most: fewer were the last. */
  erase(at: number, person: { readonly tenant: string; readonly subjectKey: string }): number
  events(
    at: number,
    filter: OrUndefined<{ itemId: string; tenant: string }> & {
      readonly after: number
      readonly limit: number
    },
  ): readonly ReviewEvent[]
  /** Which of the items are approved, rejected or expired. */
  settled(at: number, ids: readonly string[]): readonly string[]
  /**
   * In the order in which they fell due: puts back items whose lease ran out, escalates, puts decisions into effect, expires
   * undecided items whose deadline (an audit's `expiresAt`) has passed, erases text at `expiresAt`.
   */
  sweep(at: number, nothing: null): void
}

/** What a call takes, beside the moment. */
export type ReviewInput<Call extends keyof ReviewTransactions> = Parameters<ReviewTransactions[Call]>[1]

/** What a call gives. */
export type ReviewOutput<Call extends keyof ReviewTransactions> = ReturnType<ReviewTransactions[Call]>

/** What a store reports of its own accord. */
export interface StoreListener {
  /** These items were settled by a transaction of this handle. */
  settled(ids: readonly string[]): void
  /** When the next thing in the store falls due, as of the last transaction; undefined for never. */
  dueAt(at: number | undefined): void
}

/**
 * A handle on a store, behind which the transactions may run elsewhere. Rejects with the queue's errors, or with a
 * `QueueFault`, which `StoreQueue` turns into one.
 */
export interface ReviewStore {
  run<Call extends keyof ReviewTransactions>(
    call: Call,
    at: number,
    input: ReviewInput<Call>,
  ): Promise<ReviewOutput<Call>>
  /** Names the one listener. Called once, before the first run. */
  listen(listener: StoreListener): void
  /** How often waiters ask whether others settled their items, in milliseconds; undefined where nobody else can. */
  readonly pollMs: number | undefined
  close(): Promise<void>
}
