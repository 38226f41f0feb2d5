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
  /** What the end user says in an appeal. */
  readonly statement?: string
}

/** Where an item goes when nobody has decided it by then. It happens once. */
export interface Escalation {
  /** In milliseconds since the epoch. At the deadline or later it never happens. */
  readonly at: number
  readonly team: string
  /** @default the item's own */
  readonly priority?: number
}

/**
 * A new item for the queue. Names and digests in it are 1 to 512 characters without control characters; teams are short
 * codes: 1 to 64 letters, digits, `.`, `_`, `:` or `-`.
 */
export interface NewReviewItem {
  /**
   * Enqueueing the same key of the same tenant again returns the item that is there: retries open no second review.
   * A key stands for one content under one binding; with another it is refused, so that nobody waits for a decision
   * about something else. It is free again, and gone from the item, when the text is erased.
   */
  readonly key: string
  readonly kind: ReviewKind
  readonly tenant: string
  readonly subjectKey?: string
  readonly decisionId: string
  /** The policy, detectors and calibrations it was judged by: a grant holds for these alone. */
  readonly bindingHash: string
  /** The policy that it was judged by. Two policies may share an id; no two share a hash. */
  readonly policy?: { readonly id: string; readonly version: string; readonly policyHash: string }
  /** Salted digest of the content: a grant holds for this alone. `erased` when the text is: short texts can be found from it. */
  readonly contentDigest: string
  readonly content: ReviewContent
  readonly reasons: readonly Reason[]
  readonly edits: readonly Edit[]
  /** ISO 639-1, where it could be told. */
  readonly language?: string
  /** Who reviews it. @default 'default' */
  readonly team?: string
  /** Higher goes first: an integer in [-1_000_000, 1_000_000]. @default 0 */
  readonly priority?: number
  readonly escalation?: Escalation
  /** How many reviewers must agree: 1, or 2 (two agree, or a third decides). @default 1 */
  readonly opinions?: 1 | 2
  /**
   * How long a decision can be undone before it takes effect, in milliseconds, in [0, 3_600_000]; never beyond the
   * deadline. Nobody can act on it before. @default 0: it takes effect at once
   */
  readonly undoMs?: number
  /** With which probability content like this was put before a person, in (0, 1]: audits alone. */
  readonly probability?: number
  /**
   * When `otherwise` holds, in milliseconds since the epoch, at most `expiresAt`. Undefined for audits, which have no
   * `otherwise`: one that nobody decided is `expired` when its text is erased.
   */
  readonly deadlineAt?: number
  /** Required with `deadlineAt`. */
  readonly otherwise?: Otherwise
  /** When text, answer and notes are erased, in milliseconds since the epoch. */
  readonly expiresAt: number
}

/** Every state of an item, in the order in which it passes them. */
export const REVIEW_STATES = ['open', 'claimed', 'decided', 'approved', 'rejected', 'expired'] as const

/**
 * `decided` means that a decision was made which can still be undone: it takes effect at `effectAt`. `approved`,
 * `rejected` and `expired` are final; `expired` means that the deadline passed undecided and `otherwise` holds.
 */
export type ReviewState = (typeof REVIEW_STATES)[number]

/** Every way to decide. */
export const REVIEW_OUTCOMES = ['approve', 'reject', 'edit', 'answer'] as const

/**
 * `approve` lets the content go on as it is, `reject` stops it. `edit` (output holds) and `answer` (input and output holds)
 * put the reviewer's text in the place of the model's answer; it is judged before it is released. Audits are approved or
 * rejected.
 */
export type ReviewOutcome = (typeof REVIEW_OUTCOMES)[number]

/** What one reviewer said, and when. */
export interface ReviewDecision {
  /** `parapet` when an erasure ended the review: that is a rejection, with the reason `erased`. */
  readonly reviewer: string
  readonly outcome: ReviewOutcome
  /** A short code of your own, e.g. `false-positive`. */
  readonly reason?: string
  /** The reviewer's words about the item. Erased with the content. */
  readonly note?: string
  /** The reviewer's text for the end user: exactly with `edit` and `answer`. Erased with the content. */
  readonly answer?: string
  readonly decidedAt: number
}

/** An item as the queue holds it. */
export interface ReviewItem extends NewReviewItem {
  readonly id: string
  readonly team: string
  readonly priority: number
  readonly opinions: 1 | 2
  readonly undoMs: number
  readonly state: ReviewState
  readonly createdAt: number
  /** Goes up with each change, views aside. */
  readonly revision: number
  /** Whose hands it is in, and until when. Its token is with them who claimed it, and nowhere else. */
  readonly claim?: { readonly reviewer: string; readonly leaseUntil: number }
  /** The decision, from `decided` on. */
  readonly decision?: ReviewDecision
  /**
   * What each reviewer said, in order, the decision last. Absent while the item is undecided: nobody's opinion may
   * colour the next.
   */
  readonly given?: readonly ReviewDecision[]
  /** When the decision takes effect: in the state `decided` alone. */
  readonly effectAt?: number
  /** When it was escalated, if it was. */
  readonly escalatedAt?: number
  /** The item that this one appeals against. */
  readonly appeals?: string
  /** The appeal against this one. */
  readonly appealedBy?: string
  /** When its grant was used up, if it was. */
  readonly grantUsedAt?: number
  /** When its text was erased, if it was: no messages, no answer, no digest and no grant from then on, and another key. */
  readonly erasedAt?: number
}

/** Every kind of entry in a queue's log. */
export const REVIEW_EVENT_KINDS = [
  'enqueued',
  'claimed',
  'extended',
  'released',
  'skipped',
  'lapsed',
  'escalated',
  'opinion',
  'decided',
  'undone',
  'effected',
  'expired',
  'grant-used',
  'appeal-offered',
  'appealed',
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
  /** When it took effect: for what happens by itself the moment that was due, however late it was noticed. */
  readonly at: number
  /** The reviewer, `end-user` for an appeal, or `parapet` for what happens by itself and for the guard's own calls. */
  readonly actor: string
  readonly detail: Readonly<Record<string, string | number>>
}
