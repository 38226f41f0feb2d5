import type { AbstainReason, Span } from '../detector/measurement.ts'
import type { HoldAction, SteerAction } from '../policy/policy.ts'
import type { Stage } from '../subject/stage.ts'

/** `allow` < `hold` < `block`. */
export type Verdict = 'allow' | 'hold' | 'block'

/** What must be done besides: `flag` records, `audit` puts the item before a person later. */
export type DutyKind = 'flag' | 'audit'

/**
 * A stretch of a judged part to be replaced. Offsets are UTF-16 units, end exclusive, into the part's judged text:
 * its original text or, where the part is JSON, its decoded leaves joined by newlines.
 */
export interface Edit extends Span {
  /** Which part of the request or the answer. */
  readonly part: number
  readonly replacement: string
  readonly rule: string
}

export interface Duty {
  readonly kind: DutyKind
  /** The rule that asks for it; `onError` or `onAbstain` of a stage otherwise. */
  readonly rule: string
  /** Audits alone: the share, drawn at random, that a person looks at; all of it where it is not there. */
  readonly sampleRate?: number
}

/** Why: one for each rule that held, each fault and each abstention. For operators and records, never for end users. */
export type Reason =
  | {
      readonly kind: 'rule'
      readonly part: number
      readonly stage: Stage
      readonly rule: string
      readonly detector: string
      readonly label: string
      /** The label's score, in [0, 1]. */
      readonly score: number
      /** What it was compared with (≥). */
      readonly threshold: number
      readonly action: string
    }
  | {
      readonly kind: 'failed'
      readonly part: number
      readonly stage: Stage
      readonly detector: string
      readonly code: string
      readonly action: string
    }
  | {
      readonly kind: 'abstained'
      readonly part: number
      readonly stage: Stage
      /** The detector, or `parapet` for content that no detector can read (media). */
      readonly detector: string
      readonly reason: AbstainReason
      readonly action: string
    }

/** How the model's answer is turned while rules ask for it: the refusal direction, added `strength` times. */
export type Steering = Omit<SteerAction, 'kind'>

/** The strictest of the holds that rules asked for: shortest times, `block` before `allow`. */
export type Hold = Omit<HoldAction, 'kind'>

/**
 * What a policy says of measured content: a pure function of the policy, the measurements and the grants.
 * Rules are joined part by part, so a rule added never softens, whatever the order.
 */
export interface Judgement {
  readonly verdict: Verdict
  readonly edits: readonly Edit[]
  readonly duties: readonly Duty[]
  readonly reasons: readonly Reason[]
  /** Present exactly when the verdict is `hold`. */
  readonly hold?: Hold
  /**
   * Present only where the verdict is `block` and nothing but `steer` rules ask for it: an adapter whose model can be
   * steered may let it answer so, and every other one blocks.
   */
  readonly steer?: Steering
}

/** A judgement, with what names it and what happens because of it. */
export interface Decision extends Judgement {
  /** Random (UUID). The only thing of a decision that an end user may see. */
  readonly id: string
  /**
   * What is enforced: `allow`, without edits, in shadow mode; `steer` where the model answers with the direction added
   * in place of a block; the judgement's own verdict otherwise.
   */
  readonly effective: Verdict | 'steer'
  readonly policy: {
    readonly id: string
    readonly version: string
    readonly policyHash: string
    readonly bindingHash: string
  }
  /** `sha256:…` keyed digest of what was judged, as the records name it. */
  readonly contentDigest: string
  /**
   * Milliseconds that the guard added: measuring and judging, without the provider's time and without a reviewer's.
   * Measured, not part of the judgement.
   */
  readonly elapsedMs: number
}
