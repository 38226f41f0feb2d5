import fc from 'fast-check'
import { judge } from '../decision/judge.ts'
import { digestOf, keyedDigest } from '../json/digest.ts'
import type { Action, FaultAction, PolicyDocument, Rule, StagePolicy } from '../policy/policy.ts'
import type { DecisionBody, JudgedPart, Outcome } from '../record/decision-record.ts'
import { recordBinding } from '../record/record-binding.ts'
import { STAGES, type Stage } from '../subject/stage.ts'

/** Detectors and their labels, as the arbitraries below use them. */
const DETECTORS = { alpha: ['one', 'two'], beta: ['three'] } as const
type Key = keyof typeof DETECTORS
const KEYS = Object.keys(DETECTORS) as Key[]
const RATES = [0.001, 0.01, 0.05]

const holdAction = fc.record({
  kind: fc.constant('hold' as const),
  waitMs: fc.integer({ min: 0, max: 1_000 }),
  withinMs: fc.integer({ min: 1, max: 100_000 }),
  otherwise: fc.constantFrom('allow' as const, 'block' as const),
})
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.constantFrom<Action>({ kind: 'block' }, { kind: 'flag' }, { kind: 'audit' }),
  fc.constantFrom<Action>({ kind: 'audit', sampleRate: 0.1 }, { kind: 'audit', sampleRate: 0.25 }),
  fc.constant<Action>({ kind: 'redact', replacement: '[x]' }),
  fc.constantFrom<Action>({ kind: 'steer', strength: 1 }, { kind: 'steer', strength: 2.5 }),
  holdAction,
)
const faultAction: fc.Arbitrary<FaultAction> = fc.oneof(
  fc.constantFrom<FaultAction>({ kind: 'block' }, { kind: 'flag' }, { kind: 'allow' }),
  holdAction,
)

const score = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100)

const ruleBody = fc.constantFrom(...KEYS).chain((detector) =>
  fc.record({
    detector: fc.constant(detector as string),
    label: fc.constantFrom<string>(...DETECTORS[detector]),
    condition: fc.oneof(
      score.map((above) => ({ kind: 'above' as const, score: above })),
      fc.constantFrom(...RATES).map((rate) => ({ kind: 'falsePositiveRate' as const, rate })),
      fc.constant({ kind: 'found' as const }),
    ),
    action,
  }),
)

const stagePolicy: fc.Arbitrary<StagePolicy> = fc.record({
  rules: fc
    .array(ruleBody, { maxLength: 5 })
    .map((bodies) => bodies.map((body, index): Rule => ({ id: `rule-${index}`, ...body }))),
  onError: faultAction,
  onAbstain: faultAction,
  budgetMs: fc.constant(1_000),
  release: fc.constant({ kind: 'whole' as const }),
})

/** Policies over the detectors `alpha` and `beta`, for all stages or some. */
export const arbitraryPolicy: fc.Arbitrary<PolicyDocument> = fc
  .record({
    version: fc.nat({ max: 1_000_000 }).map(String),
    stages: fc.record(
      Object.fromEntries(STAGES.map((stage) => [stage, stagePolicy])) as Record<Stage, typeof stagePolicy>,
      {
        requiredKeys: [],
      },
    ),
    mode: fc.constantFrom('enforce' as const, 'shadow' as const),
  })
  .map(({ version, stages, mode }) => ({
    schema: 'parapet.policy/1',
    id: 'arbitrary',
    version,
    mode,
    detectors: {
      alpha: { id: 'alpha', version: '1', options: {} },
      beta: { id: 'beta', version: '2', options: { kinds: ['three'] } },
    },
    stages,
    messages: { default: 'No.' },
    limits: { maxCharacters: 1_000 },
  }))

function arbitraryOutcome(key: Key): fc.Arbitrary<Outcome> {
  const labels: readonly string[] = DETECTORS[key]
  const scores = fc.record(Object.fromEntries(labels.map((label) => [label, score])))
  const spans = fc.array(
    fc.record({
      label: fc.constantFrom(...labels),
      start: fc.nat({ max: 50 }),
      end: fc.integer({ min: 51, max: 99 }),
    }),
    { maxLength: 2 },
  )
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('scored' as const), scores, spans }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('scored' as const), scores }) },
    fc.record({
      kind: fc.constant('abstained' as const),
      reason: fc.constantFrom('language' as const, 'length' as const),
    }),
    fc.constant<Outcome>({ kind: 'failed', code: 'PARAPET_DETECTOR_TIMEOUT' }),
  )
}

const KEY = new Uint8Array(32)

/** Parts measured by every detector that the policy asks for their stage, and by no other. */
function arbitraryParts(policy: PolicyDocument): fc.Arbitrary<JudgedPart[]> {
  const stages = STAGES.filter((stage) => policy.stages[stage])
  if (stages.length === 0) return fc.constant([])
  const part = fc.constantFrom(...stages).chain((stage) => {
    const asked = new Set(policy.stages[stage]?.rules.map((rule) => rule.detector))
    const keys = KEYS.filter((key) => asked.has(key))
    return fc.record({
      stage: fc.constant(stage),
      text: fc.string({ maxLength: 40 }),
      outcomes: fc.record(Object.fromEntries(keys.map((key) => [key, arbitraryOutcome(key)]))),
    })
  })
  return fc.array(part, { maxLength: 4 }).map((parts) =>
    parts.map(({ stage, text, outcomes }, index) => ({
      part: index,
      stage,
      digest: keyedDigest(KEY, text),
      characters: text.length,
      outcomes,
      elapsedMs: Object.fromEntries(Object.keys(outcomes).map((key) => [key, 1.5])),
    })),
  )
}

/** Bodies as a guard with the policy records them. */
export function arbitraryBodyOf(policy: PolicyDocument): fc.Arbitrary<DecisionBody> {
  const ruled = STAGES.flatMap(
    (stage) => policy.stages[stage]?.rules.map((rule) => `${stage}/${rule.id}`) ?? [],
  )
  return fc
    .record({
      parts: arbitraryParts(policy),
      id: fc.uuid(),
      // One threshold for each detector, label and rate, as a calibration gives it.
      seed: score,
      granted: fc.boolean(),
    })
    .map(({ parts, id, seed, granted }): DecisionBody => {
      const binding = recordBinding(policy, new Map([['alpha', digestOf('alpha')]]))
      const thresholds = Object.fromEntries(
        ruled.flatMap((key) => {
          const rate = binding.rates[key]
          return rate ? [[key, Math.min(1, seed + (0.05 - rate.rate) * 5 + rate.label.length / 50)]] : []
        }),
      )
      const grant = granted ? { grant: { ticket: 'ticket-1' } } : {}
      const judgement = judge({ policy, parts, thresholds, ...grant })
      const policyHash = digestOf(policy)
      return {
        kind: 'decision',
        decision: {
          ...judgement,
          id,
          effective: policy.mode === 'shadow' ? 'allow' : judgement.verdict,
          policy: { id: policy.id, version: policy.version, policyHash, bindingHash: digestOf([policyHash]) },
          contentDigest: keyedDigest(KEY, id),
          elapsedMs: 2,
        },
        parts,
        complete: true,
        thresholds,
        binding,
        mode: policy.mode,
        ...grant,
        tenant: 'default',
        keyId: 'test',
        expiresAt: 2_000_000_000_000,
      }
    })
}

/** A policy and a decision made under it. */
export const arbitraryDecision: fc.Arbitrary<{ policy: PolicyDocument; body: DecisionBody }> =
  arbitraryPolicy.chain((policy) => arbitraryBodyOf(policy).map((body) => ({ policy, body })))
