import type { Edit, Reason } from '../decision/decision.ts'
import type { Otherwise } from '../policy/policy.ts'
import type { Message } from '../subject/message.ts'

/** What a reviewer is asked about: the request before the call, or the answer before it is released. */
export type ReviewKind = 'input' | 'output' | 'audit'

/** The content under review. The only place where Parapet stores text. */
export interface ReviewContent {
  /** The conversation, oldest first. */
  readonly messages: readonly Message[]
  /** The answer as its adapter will resume it (output holds): JSON of the adapter's own shape. */
  readonly answer?: string
  /** The text of the answer, for the reviewer's eyes. */
  readonly answerText?: string
}

/** A new item for the queue. Names and digests in it are 1 to 512 characters without control characters. */
export interface NewReviewItem {
  /**
   * Enqueueing the same key of the same tenant again returns the item that is there: retries open no second review.
   * A key stands for one content under one binding; with another it is refused, so that nobody waits for a decision
   * about something else.
   */
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
  /** Higher goes first: an integer in [-1_000_000, 1_000_000]. @default 0 */
  readonly priority?: number
  /**
   * When `otherwise` holds, in milliseconds since the epoch, at most `expiresAt`. Undefined for audits, which have no
   * `otherwise`: one that nobody decided is `expired` when its text is erased.
   */
  readonly deadlineAt?: number
  /** Required with `deadlineAt`. */
  readonly otherwise?: Otherwise
  /** When text, answer and note are erased, in milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Every state of an item, in the order in which it passes them. */
export const REVIEW_STATES = ['open', 'claimed', 'approved', 'rejected', 'expired'] as const

/** `expired` means that the deadline passed undecided and `otherwise` holds. */
export type ReviewState = (typeof REVIEW_STATES)[number]

/** How and by whom an item was decided. */
export interface ReviewDecision {
  /** `parapet` when an erasure ended the review: that is a rejection, with the reason `erased`. */
  readonly reviewer: string
  readonly outcome: 'approve' | 'reject'
  /** A short code of your own, e.g. `false-positive`. */
  readonly reason?: string
  /** The reviewer's words. Erased with the content. */
  readonly note?: string
  readonly decidedAt: number
}

/** An item as the queue holds it. */
export interface ReviewItem extends NewReviewItem {
  readonly id: string
  readonly priority: number
  readonly state: ReviewState
  readonly createdAt: number
  /** Goes up with each change, views aside. */
  readonly revision: number
  readonly claim?: { readonly reviewer: string; readonly token: string; readonly leaseUntil: number }
  readonly decision?: ReviewDecision
  /** When its grant was used up, if it was. */
  readonly grantUsedAt?: number
  /** When its text was erased, if it was: `content` holds no messages and no answer from then on. */
  readonly erasedAt?: number
}

/** Every kind of entry in a queue's log. */
export const REVIEW_EVENT_KINDS = [
  'enqueued',
  'claimed',
  'extended',
  'released',
  'lapsed',
  'decided',
  'expired',
  'grant-used',
  'viewed',
  'erased',
] as const

/** An entry of the queue's own append-only log. Holds no text. */
export interface ReviewEvent {
  /** 1, 2, 3 … over the whole queue, without gaps. */
  readonly sequence: number
  readonly itemId: string
  readonly tenant: string
  readonly kind: (typeof REVIEW_EVENT_KINDS)[number]
  /** When it took effect: for `lapsed` and `expired` the moment that was due, however late it was noticed. */
  readonly at: number
  /** The reviewer, or `parapet` for what happens by itself and for the guard's own calls. */
  readonly actor: string
  readonly detail: Readonly<Record<string, string | number>>
}
