import type { Detector } from '../detector/detector.ts'
import type { Action, Condition, Otherwise } from './policy.ts'

/** A rule as written in code, before `definePolicy` checks it. */
export interface RuleDraft {
  readonly id?: string
  readonly detector: Detector
  readonly label?: string
  readonly condition: Condition
  readonly action: Action
}

/** How a person is asked. Times are milliseconds. */
export type ReviewOptions =
  /**
   * The call waits for the decision. `waitMs` bounds the caller's wait, after which it gets a ticket
   * (@default withinMs); `withinMs` is the reviewer's deadline, after which `otherwise` holds.
   */
  | {
      readonly mode: 'hold'
      readonly withinMs: number
      readonly otherwise: Otherwise
      readonly waitMs?: number
    }
  /** The caller gets a ticket at once. */
  | { readonly mode: 'defer'; readonly withinMs: number; readonly otherwise: Otherwise }
  /**
   * The content passes; a person looks later, at all of it or at a random share of it: `sampleRate`, in (0, 1].
   * A slice drawn at random, from any score on, is what thresholds can be learned from without bias.
   */
  | { readonly mode: 'audit'; readonly sampleRate?: number }

interface RuleOptions {
  /** Names the rule in records. @default made from the rule's content */
  readonly id?: string
}

/** What happens when the condition holds. */
export interface Actions {
  /** Nothing passes. */
  block(options?: RuleOptions): RuleDraft
  /** A person decides. */
  review(review: ReviewOptions, options?: RuleOptions): RuleDraft
  /** Recorded, and passes. */
  flag(options?: RuleOptions): RuleDraft
  /**
   * A model that runs here (`/local`) answers with its refusal direction added, `strength` times: above 0, at most 4
   * (@default 0.5: in the shipped sentinel enough to decline what is harmful, and to go on answering most of what was hit by
   * mistake). Behind every other adapter it blocks. At the stage `input` alone.
   */
  steer(options?: RuleOptions & { readonly strength?: number }): RuleDraft
}

/** Actions for detectors that can point at the place. */
export interface SpanActions extends Actions {
  /** Each place found is replaced. `replacement` may not be longer than 100 characters. @default '[redacted]' */
  redact(options?: RuleOptions & { readonly replacement?: string }): RuleDraft
}

/** Conditions on one label's score. */
export interface LabelConditions {
  /** Holds when the score is at or above `score`, in [0, 1]. For who knows the detector's scale. */
  above(score: number): SpanActions
  /**
   * Holds when the score is at or above the threshold that flags the share `rate` of hard benign texts,
   * in (0, 0.05], by the detector's calibration. Refused when the policy is bound and the calibration has
   * fewer than 3 / rate benign examples. A rate on the calibration's texts, not a bound on your traffic.
   */
  atFalsePositiveRate(rate: number): SpanActions
  /** Holds when the detector found the label anywhere. For detectors that report spans. */
  found(): SpanActions
}

/** Conditions on any label of a detector that reports spans. */
export interface FoundCondition {
  found(): SpanActions
}

/** Turns the options of a review into an action. */
export function reviewAction(review: ReviewOptions): Action {
  if (review.mode === 'audit') {
    const { sampleRate } = review
    return { kind: 'audit', ...(sampleRate === undefined ? {} : { sampleRate }) }
  }
  const { withinMs, otherwise } = review
  const waitMs = review.mode === 'defer' ? 0 : (review.waitMs ?? withinMs)
  return { kind: 'hold', waitMs, withinMs, otherwise }
}

/**
 * Begins a rule: `when(toxicity(), 'toxic').above(0.8).block()`. The compiler checks the label.
 * Nothing is checked at run time until `definePolicy`, which reports every mistake with its place.
 */
export function when<Label extends string>(detector: Detector<Label>, label: NoInfer<Label>): LabelConditions
export function when(detector: Detector): FoundCondition
export function when(detector: Detector, label?: string): LabelConditions {
  const actions = (condition: Condition): SpanActions => {
    const draft = (action: Action, options: RuleOptions = {}): RuleDraft => ({
      detector,
      condition,
      action,
      ...(label === undefined ? {} : { label }),
      ...(options.id === undefined ? {} : { id: options.id }),
    })
    return {
      block: (options) => draft({ kind: 'block' }, options),
      review: (review, options) => draft(reviewAction(review), options),
      flag: (options) => draft({ kind: 'flag' }, options),
      steer: (options) => draft({ kind: 'steer', strength: options?.strength ?? 0.5 }, options),
      redact: (options) =>
        draft({ kind: 'redact', replacement: options?.replacement ?? '[redacted]' }, options),
    }
  }
  return {
    above: (score) => actions({ kind: 'above', score }),
    atFalsePositiveRate: (rate) => actions({ kind: 'falsePositiveRate', rate }),
    found: () => actions({ kind: 'found' }),
  }
}
