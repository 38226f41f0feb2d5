import type { JsonObject } from '../json/json.ts'
import type { Policy, Rule } from '../policy/policy.ts'
import type { ReviewItem } from '../review/review-item.ts'
import { STAGES, type Stage } from '../subject/stage.ts'
import { learnThreshold, type ThresholdEvidence, type ThresholdGoal } from './learn-threshold.ts'
import { type DrawnSample, distinctSamples, reviewedSample, scoreSource } from './reviewed-sample.ts'

/** A change that the evidence speaks for. Nobody makes it but you. */
export interface ThresholdProposal {
  readonly stage: Stage
  readonly rule: string
  readonly detector: string
  readonly label: string
  readonly evidence: ThresholdEvidence
  /** RFC 6902, on the policy's JSON: the condition as it is, tested, and as it would be. Empty when there is nothing to say. */
  readonly patch: readonly JsonObject[]
}

/** The rules whose threshold can be learned: those that act on a label's score. */
function learnable(policy: Policy, ruleId: string | undefined) {
  return STAGES.flatMap((stage) =>
    (policy.document.stages[stage]?.rules ?? []).flatMap((rule, index) => {
      const asked = ruleId === undefined ? rule.action.kind !== 'audit' : rule.id === ruleId
      const { label } = rule
      return asked && rule.condition.kind !== 'found' && label !== undefined
        ? [{ stage, rule, index, label }]
        : []
    }),
  )
}

/**
 * What reviewers' decisions on the random slice say of a policy's thresholds: of one rule, or of all that act on a score. Reads
 * each item once. Give it items of every state, with their content: what was drawn and not decided counts, too. Stages of which nothing was drawn
 * are left out, unless that is all of them.
 * @throws PARAPET_CALIBRATION_TEXT_MISSING
 */
export async function proposeThresholds(
  policy: Policy,
  items: AsyncIterable<ReviewItem>,
  options: ThresholdGoal & { readonly rule?: string },
): Promise<readonly ThresholdProposal[]> {
  const rules = learnable(policy, options.rule).map((found) => {
    const { stage, rule, label } = found
    const source = scoreSource(policy, { stage, detector: rule.detector, label })
    return { ...found, source, samples: [] as DrawnSample[] }
  })
  for await (const item of items)
    for (const { source, samples } of rules) {
      const sample = reviewedSample(item, source)
      if (sample) samples.push(sample)
    }
  // A stage inherits the rules of another, and may never have been asked.
  const drawn = rules.filter(({ samples }) => samples.length > 0)
  return (drawn.length > 0 ? drawn : rules).map(({ stage, rule, index, label, samples }) => {
    const evidence = learnThreshold(distinctSamples(samples), options)
    return {
      stage,
      rule: rule.id,
      detector: rule.detector,
      label,
      evidence,
      patch: patchOf(`/stages/${stage}/rules/${index}/condition`, rule, evidence.threshold),
    }
  })
}

function patchOf(path: string, { condition }: Rule, score: number | undefined): readonly JsonObject[] {
  if (score === undefined || (condition.kind === 'above' && condition.score === score)) return []
  return [
    { op: 'test', path, value: { ...condition } },
    { op: 'replace', path, value: { kind: 'above', score } },
  ]
}
