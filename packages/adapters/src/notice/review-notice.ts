import type { ReviewKind } from '@parapet/sdk'

/** What a queue tells about an item: ids and outcomes, never text. */
export interface ReviewNotice {
  /** Stays the same when it is sent again: letters, digits and `_`. */
  readonly id: string
  readonly type: ReviewNoticeType
  /** When it took effect, in milliseconds since the epoch. */
  readonly at: number
  readonly itemId: string
  readonly tenant: string
  /** What the item is: an audit held nothing, so there is no ticket of it to resume. */
  readonly kind: ReviewKind
  /** The item that this one appeals against: its id is the ticket that the app has, and leads to the appeal. */
  readonly appeals?: string
  /** Its place in the queue's log. */
  readonly sequence: number
  /** `approve`, `reject`, `edit` or `answer`; for an expiry what holds now: `allow` or `block`, or nothing for an audit. */
  readonly outcome?: string
  /** Where it went, for an item that is new or was escalated. */
  readonly team?: string
}

/** Everything that a queue tells. The last three are told when nobody can change it any more. */
export const REVIEW_NOTICE_TYPES = [
  'review.enqueued',
  'review.escalated',
  'review.approved',
  'review.rejected',
  'review.expired',
] as const

export type ReviewNoticeType = (typeof REVIEW_NOTICE_TYPES)[number]

/** Somewhere that notices go. */
export interface NoticeTarget {
  /** Names it among others: 1 to 64 letters, digits, `_` or `-`. Keep it: what was not delivered yet is filed under it. */
  readonly id: string
  /** What it wants to be told. */
  readonly types: readonly ReviewNoticeType[]
  /**
   * Where a target with a new id begins: at the first entry of the queue's log, or with what comes after its worker has
   * started. One that is known goes on where it was. @default 'start'
   */
  readonly from?: 'start' | 'now'
  /** Whether it is told of audits, too. They held nothing: nobody waits for what becomes of one. @default false */
  readonly audits?: boolean
  /** Resolves when it was received. Rejects with a `ParapetError`; what is not `retryable` is not tried again. */
  deliver(notice: ReviewNotice): Promise<void>
}
