import type { Edit, Reason } from '../decision/decision.ts'
import type { Message } from '../subject/message.ts'
import type { Otherwise } from '../policy/policy.ts'

/** What a reviewer is asked about: the request before the call, or the answer before it is released. */
export type ReviewKind = 'input' | 'output' | 'audit'

/** The content under review. The only place where Parapet stores text. */
export interface ReviewContent {
  /** The conversation, oldest first. */
  readonly messages: readonly Message[]
  /** The answer as `resume` returns it (output holds): JSON of its parts, edits applied. */
  readonly answer?: string
  /** The text of the answer, for the reviewer's eyes. */
  readonly answerText?: string
}

/** A new item for the queue. */
export interface NewReviewItem {
  /** Enqueueing the same key again returns the item that is there: retries open no second review. */
  readonly key: string
  readonly kind: ReviewKind
  readonly tenant: string
  readonly subjectKey?: string
  readonly decisionId: string
  /** The policy, detectors and calibrations it was judged by: a grant holds for these alone. */
  readonly bindingHash: string
  /** Keyed digest of the content: a grant holds for this alone. */
  readonly contentDigest: string
  readonly content: ReviewContent
  readonly reasons: readonly Reason[]
  readonly edits: readonly Edit[]
  /** Higher goes first. @default 0 */
  readonly priority?: number
  /** When `otherwise` holds, in milliseconds since the epoch; undefined for audits, which have no deadline. */
  readonly deadlineAt?: number
  /** Required with `deadlineAt`. */
  readonly otherwise?: Otherwise
  /** When text and answer may be erased, in milliseconds since the epoch. */
  readonly expiresAt: number
}

/** `expired` means that the deadline passed undecided and `otherwise` holds. */
export type ReviewState = 'open' | 'claimed' | 'approved' | 'rejected' | 'expired'

/** How and by whom an item was decided. */
export interface ReviewDecision {
  readonly reviewer: string
  readonly outcome: 'approve' | 'reject'
  /** A short code of your own, e.g. `false-positive`. */
  readonly reason?: string
  readonly note?: string
  readonly decidedAt: number
}

/** An item as the queue holds it. */
export interface ReviewItem extends NewReviewItem {
  readonly id: string
  readonly priority: number
  readonly state: ReviewState
  readonly createdAt: number
  /** Goes up with each change: a decision made on an older version is refused. */
  readonly revision: number
  readonly claim?: { readonly reviewer: string; readonly token: string; readonly leaseUntil: number }
  readonly decision?: ReviewDecision
  /** When its grant was used up, if it was. */
  readonly grantUsedAt?: number
}

/** An entry of the queue's own append-only log. Holds no text. */
export interface ReviewEvent {
  readonly sequence: number
  readonly itemId: string
  readonly tenant: string
  readonly kind: 'enqueued' | 'claimed' | 'extended' | 'released' | 'lapsed' | 'decided' | 'expired' | 'grant-used' | 'viewed'
  readonly at: number
  readonly actor: string
  readonly detail: Readonly<Record<string, string | number>>
}
