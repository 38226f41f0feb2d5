import type { Detector } from '../detector/detector.ts'
import type { JsonObject } from '../json/json.ts'
import type { Stage } from '../subject/stage.ts'

/** When a rule holds. Scores are compared with ≥. */
export type Condition =
  /** The label's score is at or over `score`, in [0, 1]. */
  | { readonly kind: 'above'; readonly score: number }
  /** The label's score is at or over the threshold that flags the share `rate` of hard benign texts, in (0, 0.05]. */
  | { readonly kind: 'falsePositiveRate'; readonly rate: number }
  /** The detector reported the label (or any label) somewhere: its score is 1. */
  | { readonly kind: 'found' }

/** What a policy does when a reviewer does not decide in time. */
export type Otherwise = 'allow' | 'block'

/** A person decides: the call waits `waitMs`, then gets a ticket; the reviewer has `withinMs`, then `otherwise` holds. */
export interface HoldAction {
  readonly kind: 'hold'
  /** How long the caller's call waits for the decision, in milliseconds; 0 gives the ticket at once (`defer`). */
  readonly waitMs: number
  /** The reviewer's deadline, in milliseconds from the enqueue. */
  readonly withinMs: number
  readonly otherwise: Otherwise
}

/**
 * What happens when a rule holds. Severity: allow < hold < block; `redact` adds edits, `flag` and `audit` duties;
 * `steer` is a block that a model which can be steered may answer in its own words.
 */
export type Action =
  | { readonly kind: 'block' }
  | HoldAction
  /** Replace what was found. `replacement` stands where each span stood. */
  | { readonly kind: 'redact'; readonly replacement: string }
  /** Record it. */
  | { readonly kind: 'flag' }
  /** Let it pass, and let a person look later: at all of it, or at a random share of it, `sampleRate` in (0, 1]. */
  | { readonly kind: 'audit'; readonly sampleRate?: number }
  | SteerAction

/**
 * A local model answers with its refusal direction added, and declines in its own words. Behind every other adapter, and
 * beside any rule that blocks or holds, it is a block. Only at the stage `input`.
 */
export interface SteerAction {
  readonly kind: 'steer'
  /** How much of the direction is added: a factor, above 0, at most 4. */
  readonly strength: number
}

/** What a stage does with a fault or an abstention: an action that needs no measurement, or nothing. */
export type FaultAction = Exclude<Action, { kind: 'redact' | 'steer' }> | { readonly kind: 'allow' }

/** A condition over one measurement, and an action when it holds. */
export interface Rule {
  /** Unique within its stage. Made from the rule's content when not given. */
  readonly id: string
  /** The key of a detector in the policy's `detectors`. */
  readonly detector: string
  /** A label of the detector; undefined (with `found`) means any. */
  readonly label?: string
  readonly condition: Condition
  readonly action: Action
}

/** How output is released to the caller. */
export type Release =
  /** Judge the whole answer, then release it: nothing leaks. */
  | { readonly kind: 'whole' }
  /**
   * Judge overlapping windows of `windowCharacters` (stride: half of it) and release what two windows have seen.
   * Leaks at most what stood before the window that blocked.
   */
  | { readonly kind: 'window'; readonly windowCharacters: number }

/** What one stage does. */
export interface StagePolicy {
  readonly rules: readonly Rule[]
  /** What a detector that failed gives. No default: it must be stated. */
  readonly onError: FaultAction
  /** What content that a detector does not cover gives. No default: it must be stated. */
  readonly onAbstain: FaultAction
  /** The time all detectors of the stage have for one subject, in milliseconds. */
  readonly budgetMs: number
  /** Only `output` and `reasoning` may have windows. @default { kind: 'whole' } */
  readonly release: Release
}

/** A detector as a policy names it. */
export interface DetectorReference {
  readonly id: string
  readonly version: string
  readonly options: JsonObject
}

/** The JSON form of a policy: plain data, schema `parapet.policy/1`. */
export interface PolicyDocument {
  readonly schema: 'parapet.policy/1'
  readonly id: string
  readonly version: string
  /** `shadow` records what would have happened and changes nothing. */
  readonly mode: 'enforce' | 'shadow'
  readonly detectors: Readonly<Record<string, DetectorReference>>
  readonly stages: Readonly<Partial<Record<Stage, StagePolicy>>>
  /** What end users read instead of what was withheld, by BCP 47 tag; `default` is required. */
  readonly messages: { readonly default: string; readonly [locale: string]: string }
  readonly limits: Limits
}

/** Bounds that keep a hostile request from spending everything. */
export interface Limits {
  /** All text of one request, and all of one answer, in UTF-16 units. More is blocked. @default 2_000_000 */
  readonly maxCharacters: number
}

/** A policy that was checked when it was defined. Frozen. */
export interface Policy {
  readonly document: PolicyDocument
  /** `sha256:…` over the canonical JSON (RFC 8785) of the document. */
  readonly policyHash: string
  /** The detectors by the keys that the document gives them. */
  readonly detectors: ReadonlyMap<string, Detector>
}
