import type { Decision } from '../decision/decision.ts'
import type { Measurement } from '../detector/measurement.ts'
import type { Stage } from '../subject/stage.ts'

/** What was made of one detector's turn at one part: its measurement, or why it was not asked. */
export type Outcome = Measurement | { readonly kind: 'skipped' }

/** One judged part (or one window of it) and what was measured of it. No text: digests and lengths. */
export interface JudgedPart {
  /** Which part of the request or the answer this is; windows of one part share the number. */
  readonly part: number
  readonly stage: Stage
  /** Keyed digest (HMAC-SHA-256) of the original text. */
  readonly digest: string
  /** UTF-16 units of the original text. */
  readonly characters: number
  /** Where a window stands in its part; absent when the part was judged whole. */
  readonly window?: { readonly start: number; readonly end: number }
  /** Content that no detector can read (images, audio, files): judged by `onAbstain` alone. */
  readonly media?: string
  /** A limit that the part broke before any detector could be asked, e.g. `PARAPET_GATE_OVERFLOW`: it blocks. */
  readonly fault?: string
  /** By the detector's key in the policy. Spans are offsets into the part's judged text (see `Edit`). */
  readonly outcomes: Readonly<Record<string, Outcome>>
  /** Milliseconds per detector, where it was asked; `cached` when it was remembered from before. */
  readonly elapsedMs: Readonly<Record<string, number | 'cached'>>
}

/** The thresholds that the policy's rates were resolved to when it was bound: part → what `replay` needs. */
export type Thresholds = Readonly<Record<string, number>>

/** How a hold ended. */
export interface HoldEnd {
  readonly ticket: string
  readonly outcome: 'approved' | 'rejected' | 'expired' | 'ticket-given'
  readonly reviewer?: string
}

/** One line of the audit log, schema `parapet.record/1`. */
export type RecordBody =
  | {
      readonly kind: 'decision'
      readonly decision: Decision
      readonly parts: readonly JudgedPart[]
      /** Resolved thresholds by rule (`stage/ruleId`). */
      readonly thresholds: Thresholds
      readonly mode: 'enforce' | 'shadow'
      /** A grant that lifted a hold, if one did. */
      readonly grant?: { readonly ticket: string }
      readonly tenant: string
      readonly subjectDigest?: string
      readonly expiresAt: number
    }
  | { readonly kind: 'hold-end'; readonly decisionId: string; readonly tenant: string; readonly end: HoldEnd; readonly expiresAt: number }

/** A record as it stands in the log: chained to the one before it by its writer. */
export type DecisionRecord = RecordBody & {
  readonly schema: 'parapet.record/1'
  /** One chain per writer (process). */
  readonly writer: string
  /** 0, 1, 2 … within the writer's chain. */
  readonly sequence: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Which key made the digests. */
  readonly keyId: string
  /** Hash of the record before it in the chain; the first has 64 zeros. */
  readonly previous: string
  /** `sha256` (hex) over the canonical JSON of everything above. */
  readonly hash: string
}

/** Where records go. Each must be stored, in order, before the promise resolves. */
export interface RecordSink {
  append(body: RecordBody): Promise<void>
  close?(): Promise<void>
}
