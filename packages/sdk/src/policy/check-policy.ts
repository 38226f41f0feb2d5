import type { DetectorDescriptor } from '../detector/detector.ts'
import { STAGES } from '../subject/stage.ts'
import type { PolicyDocument, Rule, StagePolicy } from './policy.ts'
import type { PolicyIssue } from './policy-error.ts'
import { policyDocumentSchema } from './policy-schema.ts'

const list = (values: readonly string[]) => values.map((value) => `"${value}"`).join(', ')

/** Writes a path as code would: `stages.output.rules[1].label`. */
export function pathOf(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(
    (path, key) =>
      typeof key === 'number' ? `${path}[${key}]` : path ? `${path}.${String(key)}` : String(key),
    '',
  )
}

/** Every mistake of shape and range in a document. */
export function checkShape(document: unknown): PolicyIssue[] {
  const result = policyDocumentSchema.safeParse(document)
  if (result.success) return []
  return result.error.issues.map((issue) => ({
    code:
      issue.code === 'too_big' || issue.code === 'too_small' ? ('out-of-range' as const) : ('shape' as const),
    path: pathOf(issue.path),
    message: issue.message,
  }))
}

function checkRule(rule: Rule, path: string, descriptor: DetectorDescriptor): PolicyIssue[] {
  const issues: PolicyIssue[] = []
  const { label, condition, action } = rule
  if (label !== undefined && !descriptor.labels.includes(label))
    issues.push({
      code: 'unknown-label',
      path: `${path}.label`,
      message: `The detector ${descriptor.id} has no such label. Its labels are ${list(descriptor.labels)}.`,
    })
  if (label === undefined && condition.kind !== 'found')
    issues.push({
      code: 'label-required',
      path: `${path}.label`,
      message: `A condition on a score needs a label: one of ${list(descriptor.labels)}.`,
    })
  const reportsSpans = descriptor.maxSpanCharacters !== undefined
  if (condition.kind === 'found' && !reportsSpans)
    issues.push({
      code: 'cannot-find',
      path: `${path}.condition`,
      message: `The detector ${descriptor.id} gives scores and no places. Use .above(score) or .atFalsePositiveRate(rate).`,
    })
  if (action.kind === 'redact' && !reportsSpans)
    issues.push({
      code: 'cannot-redact',
      path: `${path}.action`,
      message: `The detector ${descriptor.id} reports no spans, so nothing can be cut out. Block, review or flag instead.`,
    })
  return issues
}

function checkSteer({ action }: Rule, path: string, stage: (typeof STAGES)[number]): PolicyIssue[] {
  if (action.kind !== 'steer' || stage === 'input') return []
  return [
    {
      code: 'steer-not-here',
      path: `${path}.action`,
      message:
        'Only a request can steer the answer to it: put this rule into the stage "input", or block here.',
    },
  ]
}

function checkStage(
  stage: (typeof STAGES)[number],
  policy: StagePolicy,
  descriptors: ReadonlyMap<string, DetectorDescriptor>,
): PolicyIssue[] {
  const issues: PolicyIssue[] = []
  const seen = new Set<string>()
  for (const [index, rule] of policy.rules.entries()) {
    const path = `stages.${stage}.rules[${index}]`
    if (seen.has(rule.id))
      issues.push({
        code: 'duplicate-rule',
        path,
        message:
          'Another rule of this stage has the same id. Leave the rule out, or give it an id of its own.',
      })
    seen.add(rule.id)
    const descriptor = descriptors.get(rule.detector)
    if (!descriptor) {
      issues.push({
        code: 'unknown-detector',
        path: `${path}.detector`,
        message: `No detector has this key. The policy's detectors are ${list([...descriptors.keys()]) || 'none'}.`,
      })
      continue
    }
    issues.push(...checkRule(rule, path, descriptor), ...checkSteer(rule, path, stage))
    if (!descriptor.coverage.stages.includes(stage))
      issues.push({
        code: 'stage-not-covered',
        path: `${path}.detector`,
        message: `The detector ${descriptor.id} was not calibrated for this stage. It covers ${list(descriptor.coverage.stages)}.`,
      })
    const { maxSpanCharacters = 0 } = descriptor
    const { release } = policy
    if (release.kind === 'window' && release.windowCharacters < 2 * maxSpanCharacters)
      issues.push({
        code: 'window-too-small',
        path: `stages.${stage}.release.windowCharacters`,
        message:
          `A span of ${descriptor.id} may be ${maxSpanCharacters} characters long, so a window of ${release.windowCharacters} ` +
          `could cut it in two. Use at least ${2 * maxSpanCharacters}, release whole answers, or choose kinds with shorter spans.`,
      })
  }
  if (policy.release.kind === 'window' && stage !== 'output' && stage !== 'reasoning')
    issues.push({
      code: 'release-not-here',
      path: `stages.${stage}.release`,
      message: 'Only output and reasoning are released in windows; this stage is judged whole.',
    })
  return issues
}

/** Every mistake that the shape alone does not show. */
export function checkMeaning(
  document: PolicyDocument,
  descriptors: ReadonlyMap<string, DetectorDescriptor>,
): PolicyIssue[] {
  return STAGES.flatMap((stage) => {
    const policy = document.stages[stage]
    return policy ? checkStage(stage, policy, descriptors) : []
  })
}
