import type { Decision } from '../decision/decision.ts'
import type { Measurement } from '../detector/measurement.ts'
import type { Release } from '../policy/policy.ts'
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
  /** A part without text: nothing was measured, and nothing is wrong. */
  readonly empty?: true
  /** The part is JSON, judged by its decoded leaves: an edit of it may be impossible. */
  readonly json?: true
  /**
   * The parts that stand side by side in one message and are judged here as one text, besides each alone: from `first` to
   * `last`, by their numbers. Absent for a part of its own.
   */
  readonly joins?: { readonly first: number; readonly last: number }
  /** A limit that the part broke before any detector could be asked, e.g. `PARAPET_GATE_OVERFLOW`: it blocks. */
  readonly fault?: string
  /** By the detector's key in the policy. Spans are offsets into the part's judged text (see `Edit`). */
  readonly outcomes: Readonly<Record<string, Outcome>>
  /** Milliseconds per detector, where it was asked; `cached` when it was remembered from before. */
  readonly elapsedMs: Readonly<Record<string, number | 'cached'>>
}

/** The scores that a policy's false-positive rates were resolved to when it was bound, by `stage/ruleId`. */
export type Thresholds = Readonly<Record<string, number>>

/** A detector as it was bound. `options` is the digest of its options; `digest` is absent where it could not be loaded. */
export interface RecordedDetector {
  readonly id: string
  readonly version: string
  readonly options: string
  readonly digest?: string
}

/** Which threshold a rate stood for: `thresholds` has its value under the same key. */
export interface RecordedRate {
  readonly detector: string
  readonly label: string
  readonly rate: number
}

/**
 * What the keys in a record stand for, so that another policy can be asked about it without a guess: its hashes alone
 * cannot be read back. Made once for each binding by `recordBinding`.
 */
export interface RecordedBinding {
  /** By the detector's key in the policy. */
  readonly detectors: Readonly<Record<string, RecordedDetector>>
  /** By `stage/ruleId`. */
  readonly rates: Readonly<Record<string, RecordedRate>>
  /** The stages that were judged, and how each was released. */
  readonly stages: Readonly<Partial<Record<Stage, Release>>>
  readonly maxCharacters: number
}

/** How a hold ended. */
export interface HoldEnd {
  readonly ticket: string
  readonly outcome: 'approved' | 'rejected' | 'expired' | 'ticket-given'
  readonly reviewer?: string
}

/** A decision, and everything it was made from. */
export interface DecisionBody {
  readonly kind: 'decision'
  readonly decision: Decision
  readonly parts: readonly JudgedPart[]
  /**
   * Whether all content was judged. False when judging ended early, because something blocked or the caller went away:
   * what came after was never measured, and no other policy can be asked about it.
   */
  readonly complete: boolean
  readonly thresholds: Thresholds
  readonly binding: RecordedBinding
  readonly mode: 'enforce' | 'shadow'
  /** A grant that lifted a hold, if one did. */
  readonly grant?: { readonly ticket: string }
  readonly tenant: string
  /** Keyed digest of the subject's key. */
  readonly subjectDigest?: string
  /** Which key made the digests in this record. */
  readonly keyId: string
  /** When the record may go, in milliseconds since the epoch. */
  readonly expiresAt: number
}

/** How a hold ended, after its decision was recorded. */
export interface HoldEndBody {
  readonly kind: 'hold-end'
  readonly decisionId: string
  readonly tenant: string
  readonly end: HoldEnd
  readonly expiresAt: number
}

/** What a guard hands to a sink. */
export type RecordBody = DecisionBody | HoldEndBody

/**
 * Written by a sink that found an incomplete line where it was about to append, e.g. after a crash or a full disk:
 * accounts for the line, so that `verify` can tell it from one that was cut on purpose.
 */
export interface TornLineBody {
  readonly kind: 'torn-line'
  readonly bytes: number
  /** `sha256:…` of the line's bytes. */
  readonly digest: string
}

/** What makes a body a link of its writer's chain. */
export interface ChainLink {
  readonly schema: 'parapet.record/1'
  /** One chain per writer (a sink in a process): random. */
  readonly writer: string
  /** 0, 1, 2 … within the writer's chain. */
  readonly sequence: number
  /** Milliseconds since the epoch, by the writer's clock. */
  readonly at: number
  /** Hash of the record before it in the chain; the first has 64 zeros. */
  readonly previous: string
  /** SHA-256 (hex) over the canonical JSON of the record without `hash` and `seal`. */
  readonly hash: string
  /** `hmac-sha256:<keyId>:<hex>` over the hash, where the sink has keys: nobody without them can write the chain anew. */
  readonly seal?: string
}

/** A record as it stands in the log: chained to the one before it by its writer. */
export type DecisionRecord = (RecordBody | TornLineBody) & ChainLink

/** Where records go. Each must be stored, in order, before the promise resolves. */
export interface RecordSink {
  append(body: RecordBody): Promise<void>
  close?(): Promise<void>
}
