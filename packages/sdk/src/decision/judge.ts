import type { Failed, Scored } from '../detector/measurement.ts'
import type { FaultAction, PolicyDocument, Rule, StagePolicy } from '../policy/policy.ts'
import type { JudgedPart, Thresholds } from '../record/decision-record.ts'
import type { Stage } from '../subject/stage.ts'
import { type Contribution, type Judgement, join } from './join.ts'

/** All that a judgement depends on. */
export interface JudgeInput {
  readonly policy: PolicyDocument
  readonly parts: readonly JudgedPart[]
  /** The scores that the policy's false-positive rates stand for, by `stage/ruleId`. */
  readonly thresholds: Thresholds
  /** An approval: it lifts `hold` and nothing else. */
  readonly grant?: { readonly ticket: string }
}

/** The key of a rule's threshold. */
export const thresholdKey = (stage: Stage, rule: Rule): string => `${stage}/${rule.id}`

function thresholdOf(stage: Stage, rule: Rule, thresholds: Thresholds): number | undefined {
  if (rule.condition.kind === 'above') return rule.condition.score
  if (rule.condition.kind === 'found') return 1
  return thresholds[thresholdKey(stage, rule)]
}

function faultContribution(
  part: JudgedPart,
  action: FaultAction,
  origin: string,
  reason: FaultReason,
): Contribution {
  const base = { part: part.part, stage: part.stage, action: action.kind }
  return {
    action: action.kind === 'allow' ? undefined : action,
    origin,
    edits: [],
    reason: { ...base, ...reason },
  }
}

type FaultReason =
  | { readonly kind: 'failed'; readonly detector: string; readonly code: string }
  | {
      readonly kind: 'abstained'
      readonly detector: string
      readonly reason: 'language' | 'length' | 'modality' | 'stage'
    }

/** The highest of the labels that a rule reads. */
function readScore(rule: Rule, measurement: Scored): { label: string; score: number } {
  if (rule.label !== undefined)
    return { label: rule.label, score: measurement.scores[rule.label] ?? Number.NaN }
  const entries = Object.entries(measurement.scores).sort(([a], [b]) => (a < b ? -1 : 1))
  return entries.reduce((best, [label, score]) => (score > best.score ? { label, score } : best), {
    label: '',
    score: -1,
  })
}

function ruleContribution(
  rule: Rule,
  part: JudgedPart,
  measurement: Scored,
  threshold: number,
  onError: FaultAction,
): Contribution | undefined {
  const { label, score } = readScore(rule, measurement)
  if (!(score >= threshold)) return undefined
  const spans = (measurement.spans ?? []).filter(
    (span) => rule.label === undefined || span.label === rule.label,
  )
  if (rule.action.kind === 'redact' && spans.length === 0)
    return faultContribution(part, onError, 'onError', {
      kind: 'failed',
      detector: rule.detector,
      code: 'PARAPET_DETECTOR_NO_SPANS',
    })
  const { action } = rule
  return {
    action,
    origin: rule.id,
    edits:
      action.kind === 'redact'
        ? spans.map((span) => ({
            part: part.part,
            label: span.label,
            start: span.start,
            end: span.end,
            replacement: action.replacement,
            rule: rule.id,
          }))
        : [],
    reason: {
      kind: 'rule',
      part: part.part,
      stage: part.stage,
      rule: rule.id,
      detector: rule.detector,
      label,
      score,
      threshold,
      action: action.kind,
    },
  }
}

/** What the rules that read one detector say of one part. */
function detectorContributions(
  detector: string,
  part: JudgedPart,
  stage: StagePolicy,
  thresholds: Thresholds,
): Contribution[] {
  const failed = ({ code }: Pick<Failed, 'code'>) => [
    faultContribution(part, stage.onError, 'onError', { kind: 'failed', detector, code }),
  ]
  const outcome = part.outcomes[detector] ?? { kind: 'failed' as const, code: 'PARAPET_DETECTOR_UNANSWERED' }
  if (outcome.kind === 'skipped') return []
  if (outcome.kind === 'failed') return failed(outcome)
  if (outcome.kind === 'abstained')
    return [
      faultContribution(part, stage.onAbstain, 'onAbstain', {
        kind: 'abstained',
        detector,
        reason: outcome.reason,
      }),
    ]
  return stage.rules
    .filter((rule) => rule.detector === detector)
    .flatMap((rule) => {
      const threshold = thresholdOf(part.stage, rule, thresholds)
      if (threshold === undefined) return failed({ code: 'PARAPET_POLICY_THRESHOLD_MISSING' })
      return ruleContribution(rule, part, outcome, threshold, stage.onError) ?? []
    })
}

/** What a policy says of one part. */
function partContributions(part: JudgedPart, { policy, thresholds }: JudgeInput): Contribution[] {
  if (part.fault !== undefined)
    return [
      faultContribution(part, { kind: 'block' }, 'limits', {
        kind: 'failed',
        detector: 'parapet',
        code: part.fault,
      }),
    ]
  const stage = policy.stages[part.stage]
  if (!stage || part.empty) return []
  if (part.media !== undefined)
    return [
      faultContribution(part, stage.onAbstain, 'onAbstain', {
        kind: 'abstained',
        detector: 'parapet',
        reason: 'modality',
      }),
    ]
  const detectors = new Set(stage.rules.map((rule) => rule.detector))
  return [...detectors].flatMap((detector) => detectorContributions(detector, part, stage, thresholds))
}

/**
 * Judges measured content: a pure function of the policy, the measurements and the grant, with no clock and no I/O.
 * The same input gives the same judgement to the byte, whatever the order of rules.
 */
export function judge(input: JudgeInput): Judgement {
  const judgement = join(input.parts.flatMap((part) => partContributions(part, input)))
  if (judgement.verdict !== 'hold' || !input.grant) return judgement
  const { hold: _lifted, ...rest } = judgement
  return { ...rest, verdict: 'allow' }
}
