import { type DetectorDescriptor, type Policy, STAGES, type Stage, type StagePolicy } from '@parapet/sdk'
import type { PolicyFinding } from './policy-finding.ts'
import { withoutEffectBecause } from './rule-without-effect.ts'

const LETS_PASS = new Set(['allow', 'flag', 'audit'])

/** Everything that a policy and its detectors' descriptors prove, stage by stage. Nothing is run. */
export function policyFindings({ document, detectors }: Policy): PolicyFinding[] {
  const descriptorOf = (key: string) => detectors.get(key)?.descriptor
  return STAGES.flatMap((stage): PolicyFinding[] => {
    const policy = document.stages[stage]
    if (!policy || policy.rules.length === 0) return [{ kind: 'unjudged-stage', stage }]
    const asked = [...new Set(policy.rules.map(({ detector }) => detector))].flatMap((key) => {
      const descriptor = descriptorOf(key)
      return descriptor ? [{ key, descriptor }] : []
    })
    return [
      ...ofRules(stage, policy),
      ...ofFaults(stage, policy),
      ...ofAbstentions(
        stage,
        policy,
        asked.map(({ descriptor }) => descriptor),
      ),
      ...ofRelease(stage, policy),
      ...asked.flatMap((detector) => ofService(stage, policy, detector)),
    ]
  })
}

const judges = ({ rules }: StagePolicy): boolean =>
  rules.some(({ action }) => action.kind !== 'flag' && action.kind !== 'audit')

function ofRules(stage: Stage, { rules }: StagePolicy): PolicyFinding[] {
  return rules.flatMap((rule): PolicyFinding[] => {
    const because = withoutEffectBecause(rule, rules)
    const { action, id } = rule
    return [
      ...(because ? [{ kind: 'no-effect', stage, rule: id, because: because.id } as const] : []),
      ...(action.kind === 'hold' && action.otherwise === 'allow'
        ? [{ kind: 'expires-open', stage, rule: id } as const]
        : []),
    ]
  })
}

function ofFaults(stage: Stage, policy: StagePolicy): PolicyFinding[] {
  const { kind } = policy.onError
  return judges(policy) && LETS_PASS.has(kind) ? [{ kind: 'fails-open', stage, action: kind }] : []
}

function ofAbstentions(
  stage: Stage,
  policy: StagePolicy,
  asked: readonly DetectorDescriptor[],
): PolicyFinding[] {
  const { kind } = policy.onAbstain
  if (!judges(policy) || !LETS_PASS.has(kind)) return []
  const spoken = asked.flatMap(({ coverage }) => (coverage.languages === 'any' ? [] : [coverage.languages]))
  const [first, ...others] = spoken
  return [
    {
      kind: 'abstains-open',
      stage,
      action: kind,
      maxCharacters: Math.min(...asked.map(({ coverage }) => coverage.maxCharacters)),
      languages: first ? first.filter((language) => others.every((list) => list.includes(language))) : 'any',
    },
  ]
}

function ofRelease(stage: Stage, policy: StagePolicy): PolicyFinding[] {
  const { release } = policy
  return release.kind === 'window' && judges(policy)
    ? [{ kind: 'window-leak', stage, windowCharacters: release.windowCharacters }]
    : []
}

function ofService(
  stage: Stage,
  { budgetMs }: StagePolicy,
  { key, descriptor }: { readonly key: string; readonly descriptor: DetectorDescriptor },
): PolicyFinding[] {
  const { sendsTo, options } = descriptor
  if (sendsTo === undefined) return []
  const { timeoutMs, attempts } = options
  const cuts =
    typeof timeoutMs === 'number' && typeof attempts === 'number' && attempts > 1 && timeoutMs >= budgetMs
  return [
    { kind: 'sends-out', stage, detector: key, to: sendsTo },
    ...(cuts ? [{ kind: 'budget-cuts-attempts', stage, detector: key, budgetMs, timeoutMs } as const] : []),
  ]
}
