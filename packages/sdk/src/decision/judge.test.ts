import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { Action, FaultAction, PolicyDocument, Rule } from '../policy/policy.ts'
import type { JudgedPart, Outcome } from '../record/decision-record.ts'
import { SEED } from '../testing/seed.ts'
import type { Verdict } from './decision.ts'
import { judge } from './judge.ts'

const RANK: Record<Verdict, number> = { allow: 0, hold: 1, block: 2 }
const LABELS = ['x', 'y']

const hold: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('hold' as const),
  waitMs: fc.integer({ min: 0, max: 3 }),
  withinMs: fc.integer({ min: 1, max: 3 }),
  otherwise: fc.constantFrom('allow' as const, 'block' as const),
})
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.constantFrom<Action>(
    { kind: 'block' },
    { kind: 'flag' },
    { kind: 'audit' },
    { kind: 'redact', replacement: '#' },
    { kind: 'steer', strength: 1 },
    { kind: 'steer', strength: 2 },
  ),
  hold,
)
const faultAction = fc.oneof(
  fc.constantFrom<FaultAction>({ kind: 'block' }, { kind: 'flag' }, { kind: 'allow' }),
  hold,
) as fc.Arbitrary<FaultAction>
const rule: fc.Arbitrary<Rule> = fc
  .record({
    detector: fc.constantFrom('a', 'b'),
    label: fc.constantFrom(...LABELS),
    score: fc.constantFrom(0, 0.25, 0.5, 1),
    action,
  })
  .map(({ detector, label, score, action: act }) => ({
    id: JSON.stringify([detector, label, score, act]),
    detector,
    label,
    condition: { kind: 'above' as const, score },
    action: act,
  }))
const rules = fc.uniqueArray(rule, { selector: ({ id }) => id, maxLength: 6 })
const outcome: fc.Arbitrary<Outcome> = fc.oneof(
  fc.record({
    kind: fc.constant('scored' as const),
    scores: fc.record({ x: fc.constantFrom(0, 0.25, 0.5, 0.75, 1), y: fc.constantFrom(0, 0.5, 1) }),
    spans: fc.array(
      fc
        .record({
          label: fc.constantFrom(...LABELS),
          start: fc.nat(5),
          length: fc.integer({ min: 1, max: 5 }),
        })
        .map(({ label, start, length }) => ({ label, start, end: start + length })),
      { maxLength: 3 },
    ),
  }),
  fc.constantFrom<Outcome>(
    { kind: 'failed', code: 'PARAPET_DETECTOR_FAILED' },
    { kind: 'abstained', reason: 'language' },
    { kind: 'skipped' },
  ),
)
const parts: fc.Arbitrary<JudgedPart[]> = fc.array(
  fc.record({ a: outcome, b: outcome }).map((outcomes) => ({
    part: 0,
    stage: 'input' as const,
    digest: '',
    characters: 10,
    outcomes,
    elapsedMs: {},
  })),
  { maxLength: 3 },
)

const policyOf = (
  stageRules: readonly Rule[],
  onError: FaultAction,
  onAbstain: FaultAction,
): PolicyDocument => ({
  schema: 'parapet.policy/1',
  id: 'p',
  version: '1',
  mode: 'enforce',
  detectors: {},
  stages: { input: { rules: stageRules, onError, onAbstain, budgetMs: 1, release: { kind: 'whole' } } },
  messages: { default: 'no' },
  limits: { maxCharacters: 100 },
})

describe('judge', () => {
  it('never softens when a rule is added: the verdict, the edits and the duties only grow', () => {
    fc.assert(
      fc.property(rules, rule, faultAction, faultAction, parts, (base, added, onError, onAbstain, judged) => {
        fc.pre(!base.some(({ id }) => id === added.id))
        const before = judge({ policy: policyOf(base, onError, onAbstain), parts: judged, thresholds: {} })
        const after = judge({
          policy: policyOf([...base, added], onError, onAbstain),
          parts: judged,
          thresholds: {},
        })

        expect(RANK[after.verdict]).toBeGreaterThanOrEqual(RANK[before.verdict])
        for (const edit of before.edits) expect(after.edits).toContainEqual(edit)
        for (const duty of before.duties) expect(after.duties).toContainEqual(duty)
        // Who steers is held to it: what blocked outright never becomes an answer, and an answer never less steered.
        if (before.verdict === 'block' && !before.steer) expect(after.steer).toBeUndefined()
        if (before.steer && after.steer)
          expect(after.steer.strength).toBeGreaterThanOrEqual(before.steer.strength)
      }),
      { seed: SEED },
    )
  })

  it('steers where nothing else blocks or holds, as strongly as any rule asks', () => {
    fc.assert(
      fc.property(rules, faultAction, parts, (all, onFault, judged) => {
        const judgeWith = (chosen: readonly Rule[]) =>
          judge({ policy: policyOf(chosen, onFault, onFault), parts: judged, thresholds: {} })
        const judgement = judgeWith(all)
        const unsteered = judgeWith(all.filter(({ action }) => action.kind !== 'steer'))
        const asked = judgement.reasons.flatMap((reason) =>
          reason.kind === 'rule'
            ? all.flatMap(({ id, action }) =>
                id === reason.rule && action.kind === 'steer' ? [action.strength] : [],
              )
            : [],
        )

        const steers = asked.length > 0 && unsteered.verdict === 'allow'
        // Without its steering rules a detector may not be asked at all, and then cannot fail.
        fc.pre(judgement.reasons.every(({ kind }) => kind === 'rule'))
        expect(judgement.steer).toEqual(steers ? { strength: Math.max(...asked) } : undefined)
        if (asked.length > 0) expect(judgement.verdict).toBe('block')
      }),
      { seed: SEED },
    )
  })

  it('gives the same judgement for every order of the rules', () => {
    fc.assert(
      fc.property(
        rules.chain((base) =>
          fc.tuple(fc.constant(base), fc.shuffledSubarray(base, { minLength: base.length })),
        ),
        parts,
        ([base, shuffled], judged) => {
          const onError: FaultAction = { kind: 'block' }

          const one = judge({
            policy: policyOf(base, onError, { kind: 'flag' }),
            parts: judged,
            thresholds: {},
          })
          const other = judge({
            policy: policyOf(shuffled, onError, { kind: 'flag' }),
            parts: judged,
            thresholds: {},
          })

          expect(JSON.stringify(other)).toBe(JSON.stringify(one))
        },
      ),
      { seed: SEED },
    )
  })

  it('lets a grant lift a hold and nothing else', () => {
    fc.assert(
      fc.property(rules, parts, (base, judged) => {
        const input = {
          policy: policyOf(base, { kind: 'block' }, { kind: 'flag' }),
          parts: judged,
          thresholds: {},
        }
        const without = judge(input)
        const granted = judge({ ...input, grant: { ticket: 't' } })

        expect(granted.verdict).toBe(without.verdict === 'hold' ? 'allow' : without.verdict)
        expect(granted.edits).toEqual(without.edits)
        expect(granted.duties).toEqual(without.duties)
      }),
      { seed: SEED },
    )
  })

  it('gives onError for a fault, for an outcome that is missing, and for a rate that was not resolved', () => {
    const byRate: Rule = {
      id: 'r',
      detector: 'a',
      label: 'x',
      condition: { kind: 'falsePositiveRate', rate: 0.01 },
      action: { kind: 'flag' },
    }
    const policy = policyOf([byRate], { kind: 'block' }, { kind: 'allow' })
    const part = (outcomes: Record<string, Outcome>): JudgedPart => ({
      part: 0,
      stage: 'input',
      digest: '',
      characters: 1,
      outcomes,
      elapsedMs: {},
    })
    const verdict = (outcomes: Record<string, Outcome>) =>
      judge({ policy, parts: [part(outcomes)], thresholds: {} }).verdict

    expect(verdict({ a: { kind: 'failed', code: 'X' } })).toBe('block')
    expect(verdict({})).toBe('block')
    expect(verdict({ a: { kind: 'scored', scores: { x: 0, y: 0 } } })).toBe('block')
  })

  it('takes a threshold of 0 for a threshold', () => {
    const zero: Rule = {
      id: 'r',
      detector: 'a',
      label: 'x',
      condition: { kind: 'above', score: 0 },
      action: { kind: 'block' },
    }
    const part: JudgedPart = {
      part: 0,
      stage: 'input',
      digest: '',
      characters: 1,
      outcomes: { a: { kind: 'scored', scores: { x: 0 } } },
      elapsedMs: {},
    }

    const { verdict } = judge({
      policy: policyOf([zero], { kind: 'block' }, { kind: 'block' }),
      parts: [part],
      thresholds: {},
    })

    expect(verdict).toBe('block')
  })
})
