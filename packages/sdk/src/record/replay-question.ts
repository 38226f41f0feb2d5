import { thresholdKey } from '../decision/judge.ts'
import type { Condition, PolicyDocument, Release, Rule, StagePolicy } from '../policy/policy.ts'
import { STAGES, type Stage } from '../subject/stage.ts'
import type { DecisionBody, JudgedPart, Outcome, RecordedBinding, Thresholds } from './decision-record.ts'
import { recordedDetectors } from './recorded-detectors.ts'

/** Why a record cannot answer what a policy asks. */
export type Unknown =
  /** The policy judges a stage that was not judged. */
  | { readonly kind: 'stage'; readonly stage: Stage }
  /** No detector of this id, version and options was bound. */
  | { readonly kind: 'detector'; readonly stage: Stage; readonly detector: string }
  /** The detector was bound, and was not asked here. */
  | { readonly kind: 'outcome'; readonly stage: Stage; readonly detector: string }
  /** The detector was skipped: its answer could change nothing under the recorded policy. */
  | { readonly kind: 'skipped'; readonly stage: Stage; readonly detector: string }
  /** The detector gave no score for this label. */
  | { readonly kind: 'label'; readonly stage: Stage; readonly detector: string; readonly label: string }
  /** The rate was not resolved when the decision was made. */
  | { readonly kind: 'threshold'; readonly stage: Stage; readonly rule: string }
  /** The content was, or would be, cut into other windows: their scores are not the recorded ones. */
  | { readonly kind: 'release'; readonly stage: Stage }
  /** The policy allows other lengths, or a limit that it sets otherwise was broken. */
  | { readonly kind: 'limits' }
  /** The policy redacts in JSON where the recorded one did not: whether the edit can be made is not known. */
  | { readonly kind: 'edit'; readonly stage: Stage }
  /** Judging ended early, and the policy would have gone on. */
  | { readonly kind: 'incomplete' }

/** A record's measurements in a policy's terms: what can be judged, and what is not known. */
export interface Question {
  /** Without the rules whose thresholds are not known. */
  readonly policy: PolicyDocument
  /** Unknown outcomes are `skipped`, unknown faults left out: a judgement of these is a lower bound. */
  readonly parts: readonly JudgedPart[]
  readonly thresholds: Thresholds
  readonly unknowns: readonly Unknown[]
}

/** Puts another policy's question to a record. Keys and ids count for nothing: what they stood for must be the same. */
export function questionOf(policy: PolicyDocument, body: DecisionBody): Question {
  const unknowns = new Unknowns()
  const keys = recordedDetectors(policy, body.binding)
  for (const stage of STAGES)
    if (policy.stages[stage] && !body.binding.stages[stage]) unknowns.add({ kind: 'stage', stage })
  askLimits(policy, body, unknowns)

  const { thresholds, unresolved } = translateThresholds(policy, body, keys)
  const parts = body.parts.flatMap((part): JudgedPart[] => {
    const stage = policy.stages[part.stage]
    if (part.fault !== undefined) return faultOf(part, policy, body, unknowns)
    if (!stage || part.media !== undefined || part.empty) return [part]
    if (!sameWindows(part, policy, body)) unknowns.add({ kind: 'release', stage: part.stage })
    return [{ ...part, outcomes: translateOutcomes(part, stage, keys, unresolved, unknowns) }]
  })
  return { policy: without(policy, unresolved), parts, thresholds, unknowns: unknowns.list() }
}

/** The thresholds of the policy's rates: each taken from a recorded rule of the same detector, label and rate. */
function translateThresholds(policy: PolicyDocument, body: DecisionBody, keys: ReadonlyMap<string, string>) {
  const { rates } = body.binding
  const recorded = new Map(
    Object.entries(rates).flatMap(([rule, { detector, label, rate }]) => {
      const threshold = body.thresholds[rule]
      return threshold === undefined ? [] : [[JSON.stringify([detector, label, rate]), threshold] as const]
    }),
  )
  const thresholds: Record<string, number> = {}
  const unresolved = new Set<string>()
  for (const stage of STAGES)
    for (const rule of policy.stages[stage]?.rules ?? []) {
      const rate = rateOf(rule.condition)
      if (rate === undefined) continue
      const threshold = recorded.get(JSON.stringify([keys.get(rule.detector), rule.label, rate]))
      if (threshold === undefined) unresolved.add(thresholdKey(stage, rule))
      else thresholds[thresholdKey(stage, rule)] = threshold
    }
  return { thresholds, unresolved }
}

const rateOf = (condition: Condition): number | undefined =>
  condition.kind === 'falsePositiveRate' ? condition.rate : undefined

function without(policy: PolicyDocument, unresolved: ReadonlySet<string>): PolicyDocument {
  if (unresolved.size === 0) return policy
  const stages = Object.entries(policy.stages).map(([name, stage]) => [
    name,
    { ...stage, rules: stage.rules.filter((rule) => !unresolved.has(thresholdKey(name as Stage, rule))) },
  ])
  return { ...policy, stages: Object.fromEntries(stages) }
}

function translateOutcomes(
  part: JudgedPart,
  { rules }: StagePolicy,
  keys: ReadonlyMap<string, string>,
  unresolved: ReadonlySet<string>,
  unknowns: Unknowns,
): Record<string, Outcome> {
  const { stage } = part
  const outcomes: Record<string, Outcome> = {}
  for (const detector of new Set(rules.map((rule) => rule.detector))) {
    const key = keys.get(detector)
    const outcome = key !== undefined && Object.hasOwn(part.outcomes, key) ? part.outcomes[key] : undefined
    if (key === undefined) unknowns.add({ kind: 'detector', stage, detector })
    else if (outcome === undefined) unknowns.add({ kind: 'outcome', stage, detector })
    else if (outcome.kind === 'skipped') unknowns.add({ kind: 'skipped', stage, detector })
    else if (outcome.kind === 'scored')
      for (const rule of rules)
        if (rule.detector === detector) askRule(rule, stage, outcome.scores, unresolved, unknowns)
    outcomes[detector] = outcome ?? { kind: 'skipped' }
  }
  return outcomes
}

function askRule(
  rule: Rule,
  stage: Stage,
  scores: Readonly<Record<string, number>>,
  unresolved: ReadonlySet<string>,
  unknowns: Unknowns,
): void {
  const { detector, label } = rule
  if (unresolved.has(thresholdKey(stage, rule))) unknowns.add({ kind: 'threshold', stage, rule: rule.id })
  if (label !== undefined && !Object.hasOwn(scores, label))
    unknowns.add({ kind: 'label', stage, detector, label })
}

function askLimits(policy: PolicyDocument, { parts, binding }: DecisionBody, unknowns: Unknowns): void {
  if (policy.limits.maxCharacters >= binding.maxCharacters) return
  // Windows overlap, and leaves are shorter than their JSON: only a sum well within the limit settles it.
  const bounded = parts.every((part) => !part.json)
  const characters = parts.reduce((sum, part) => sum + (part.joins ? 0 : part.characters), 0)
  if (!bounded || characters > policy.limits.maxCharacters) unknowns.add({ kind: 'limits' })
}

/** A recorded fault, if the policy would have met it too. */
function faultOf(
  part: JudgedPart,
  policy: PolicyDocument,
  body: DecisionBody,
  unknowns: Unknowns,
): JudgedPart[] {
  const { binding } = body
  // Settled later: it depends on the edits that the policy asks for.
  if (part.fault === 'PARAPET_GATE_EDIT_IMPOSSIBLE') return []
  const met =
    part.fault === 'PARAPET_LIMIT_CHARACTERS'
      ? policy.limits.maxCharacters <= binding.maxCharacters
      : sameRelease(part.stage, policy, binding)
  if (met) return [part]
  unknowns.add(
    part.fault === 'PARAPET_LIMIT_CHARACTERS' ? { kind: 'limits' } : { kind: 'release', stage: part.stage },
  )
  return []
}

const releaseKey = (release: Release | undefined): string =>
  release?.kind === 'window' ? `window ${release.windowCharacters}` : (release?.kind ?? 'none')

/** Whether a stage's content is cut alike. Where `output` is released whole, every part of an answer is. */
function sameRelease(stage: Stage, policy: PolicyDocument, { stages }: RecordedBinding): boolean {
  return (
    releaseKey(policy.stages[stage]?.release) === releaseKey(stages[stage]) &&
    policy.stages.output?.release.kind === stages.output?.kind
  )
}

/** Whether the policy would have measured just this text. */
function sameWindows(
  part: JudgedPart,
  policy: PolicyDocument,
  { parts, binding, complete }: DecisionBody,
): boolean {
  const { stage } = part
  if (sameRelease(stage, policy, binding)) return true
  const single = complete && parts.filter((other) => other.part === part.part && other.window).length === 1
  if (part.window && !single) return false
  const release = policy.stages[stage]?.release
  if (release?.kind !== 'window' || part.json) return true
  return part.characters <= 2 * Math.floor(release.windowCharacters / 2)
}

/** What is not known, each thing once. */
class Unknowns {
  readonly #byKey = new Map<string, Unknown>()

  add(unknown: Unknown): void {
    this.#byKey.set(JSON.stringify(unknown), unknown)
  }

  list(): Unknown[] {
    return [...this.#byKey.values()]
  }
}
