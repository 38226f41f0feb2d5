import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { judge } from '../decision/judge.ts'
import type { PolicyDocument } from '../policy/policy.ts'
import { arbitraryBodyOf, arbitraryDecision, arbitraryPolicy } from '../testing/arbitrary-decision.ts'
import { SEED } from '../testing/seed.ts'
import type { DecisionBody, JudgedPart, Outcome } from './decision-record.ts'
import { memorySink } from './memory-sink.ts'
import { recordLines } from './record-lines.ts'
import { replayDecision, replayRecords, sameJudgement } from './replay.ts'

/** A policy with one stage and one rule on `alpha.one`. */
function policyOf(
  change: (rule: PolicyDocument['stages'] extends infer _ ? Rule : never) => Rule = (rule) => rule,
): PolicyDocument {
  return {
    schema: 'parapet.policy/1',
    id: 'p',
    version: '1',
    mode: 'enforce',
    detectors: { alpha: { id: 'alpha', version: '1', options: {} } },
    stages: {
      output: {
        rules: [
          change({
            id: 'r',
            detector: 'alpha',
            label: 'one',
            condition: { kind: 'above', score: 0.5 },
            action: { kind: 'block' },
          }),
        ],
        onError: { kind: 'block' },
        onAbstain: { kind: 'flag' },
        budgetMs: 1_000,
        release: { kind: 'whole' },
      },
    },
    messages: { default: 'No.' },
    limits: { maxCharacters: 1_000 },
  }
}
type Rule = NonNullable<PolicyDocument['stages']['output']>['rules'][number]
const at = (score: number) => policyOf((rule) => ({ ...rule, condition: { kind: 'above', score } }))
const atRate = (rate: number) =>
  policyOf((rule) => ({ ...rule, condition: { kind: 'falsePositiveRate', rate } }))

/** A decision under `policy` about one output, in which `alpha.one` scored 0.7. */
function decided(
  policy: PolicyDocument,
  change: Partial<DecisionBody> = {},
  part: Partial<JudgedPart> = {},
): DecisionBody {
  const [template] = fc.sample(arbitraryBodyOf(policy), { numRuns: 1, seed: 1 }) as [DecisionBody]
  const outcome: Outcome = {
    kind: 'scored',
    scores: { one: 0.7, two: 0 },
    spans: [{ label: 'one', start: 2, end: 4 }],
  }
  const { grant: _grant, ...rest } = template
  const body = {
    ...rest,
    parts: [
      {
        part: 0,
        stage: 'output' as const,
        digest: template.decision.contentDigest,
        characters: 10,
        outcomes: { alpha: outcome },
        elapsedMs: { alpha: 1 },
        ...part,
      },
    ],
    ...change,
  }
  const { hold: _hold, ...decision } = template.decision
  return {
    ...body,
    decision: { ...decision, ...judge({ policy, parts: body.parts, thresholds: body.thresholds }) },
  }
}

describe('replayDecision', () => {
  it('gives every recorded judgement again under the policy that made it', () => {
    fc.assert(
      fc.property(arbitraryDecision, ({ policy, body }) => {
        const stored = JSON.parse(JSON.stringify(body)) as DecisionBody
        const replayed = replayDecision(stored, policy)

        expect(replayed).toMatchObject({ kind: 'judged', exact: true, samePolicy: true })
        expect(replayed.kind === 'judged' && sameJudgement(stored.decision, replayed.judgement)).toBe(true)
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  it('gives the recorded judgement under the same policy by other names of its detectors and rules', () => {
    fc.assert(
      fc.property(arbitraryDecision, ({ policy, body }) => {
        const rename = (name: string) => `renamed-${name}`
        const renamed: PolicyDocument = {
          ...policy,
          detectors: Object.fromEntries(
            Object.entries(policy.detectors).map(([key, detector]) => [rename(key), detector]),
          ),
          stages: Object.fromEntries(
            Object.entries(policy.stages).map(([stage, { rules, ...rest }]) => [
              stage,
              {
                ...rest,
                rules: rules.map((rule) => ({
                  ...rule,
                  id: rename(rule.id),
                  detector: rename(rule.detector),
                })),
              },
            ]),
          ),
        }
        const replayed = replayDecision(body, renamed)

        expect(replayed).toMatchObject({ kind: 'judged', exact: true, samePolicy: false })
        expect(replayed.kind === 'judged' && replayed.judgement.verdict).toBe(body.decision.verdict)
      }),
      { seed: SEED },
    )
  })

  it('never guesses: what it answers is what full measurements give', () => {
    let answered = 0
    let refused = 0
    const both = fc.record({
      asked: arbitraryPolicy,
      recorded: arbitraryPolicy,
      lost: fc.array(fc.nat({ max: 7 })),
      complete: fc.boolean(),
    })
    fc.assert(
      fc.property(
        both.chain((policies) =>
          arbitraryBodyOf(everything(policies.recorded, policies.asked)).map((full) => ({
            ...policies,
            full,
          })),
        ),
        ({ asked, full, lost, complete }) => {
          // The truth: all measurements, and a threshold for every rate.
          const truth = judge({
            policy: asked,
            parts: full.parts.filter(({ stage }) => asked.stages[stage]),
            thresholds: thresholdsFor(asked, full),
            ...(full.grant ? { grant: full.grant } : {}),
          })
          const record = forget(full, lost, complete)
          const replayed = replayDecision(record, asked, 'sha256:another')
          if (replayed.kind === 'unanswerable') {
            refused++
            expect(replayed.unknowns.length).toBeGreaterThan(0)
            return
          }
          answered++
          expect(replayed.judgement.verdict).toBe(truth.verdict)
          if (replayed.exact) expect(sameJudgement(replayed.judgement, truth)).toBe(true)
        },
      ),
      { seed: SEED, numRuns: 1_500 },
    )
    // Neither side may be empty, or the property would say nothing.
    expect(Math.min(answered, refused)).toBeGreaterThan(100)
  })

  it.each<[string, DecisionBody, PolicyDocument, object]>([
    [
      'a detector of another version',
      decided(at(0.5)),
      { ...at(0.4), detectors: { alpha: { id: 'alpha', version: '2', options: {} } } },
      { kind: 'detector' },
    ],
    [
      'a detector with other options',
      decided(at(0.5)),
      { ...at(0.4), detectors: { alpha: { id: 'alpha', version: '1', options: { a: 1 } } } },
      { kind: 'detector' },
    ],
    [
      'an outcome that was skipped',
      decided(at(0.5), {}, { outcomes: { alpha: { kind: 'skipped' } } }),
      at(0.4),
      { kind: 'skipped' },
    ],
    [
      'an outcome that is not there',
      decided(at(0.5), {}, { outcomes: {}, fault: undefined as never }),
      at(0.4),
      { kind: 'outcome' },
    ],
    ['a rate that was not resolved', decided(at(0.8)), atRate(0.01), { kind: 'threshold' }],
    [
      'a label without a score',
      decided(at(0.8)),
      policyOf((rule) => ({ ...rule, label: 'three' })),
      { kind: 'label' },
    ],
    ['what came after a block', decided(at(0.5), { complete: false }), at(0.9), { kind: 'incomplete' }],
    [
      'a longer limit',
      decided(at(0.5), {}, { fault: 'PARAPET_LIMIT_CHARACTERS' }),
      { ...at(0.9), limits: { maxCharacters: 2_000 } },
      { kind: 'limits' },
    ],
    ['a shorter limit', decided(at(0.8)), { ...at(0.9), limits: { maxCharacters: 9 } }, { kind: 'limits' }],
    ['other windows', decided(at(0.8), {}, { characters: 900 }), windowed(at(0.9), 200), { kind: 'release' }],
    [
      'windows of another size',
      inTwoWindows(windowed(at(0.8), 100)),
      windowed(at(0.9), 200),
      { kind: 'release' },
    ],
    [
      'a redaction in JSON',
      decided(at(0.8), {}, { json: true }),
      policyOf((rule) => ({ ...rule, action: { kind: 'redact', replacement: '' } })),
      { kind: 'edit' },
    ],
    [
      'a stage that was not judged',
      decided(at(0.8)),
      { ...at(0.9), stages: { ...at(0.9).stages, input: at(0.9).stages.output as never } },
      { kind: 'stage' },
    ],
  ])('does not answer for %s', (_name, body, policy, unknown) => {
    const replayed = replayDecision(body, policy)

    expect(replayed).toMatchObject({ kind: 'unanswerable', unknowns: [unknown] })
  })

  it('answers block where everything else is unknown, since nothing is stricter', () => {
    const body = decided(at(0.5), { complete: false })

    expect(replayDecision(body, at(0.6))).toMatchObject({
      kind: 'judged',
      exact: false,
      judgement: { verdict: 'block' },
    })
  })

  it('takes a short text in windows for what it was whole', () => {
    expect(replayDecision(decided(at(0.8), {}, { characters: 150 }), windowed(at(0.6), 200))).toMatchObject({
      kind: 'judged',
      exact: true,
      judgement: { verdict: 'block' },
    })
  })

  it('lifts a hold by the recorded grant, and nothing else', () => {
    const grant = { grant: { ticket: 't' } }
    const hold = policyOf((rule) => ({
      ...rule,
      action: { kind: 'hold', waitMs: 0, withinMs: 1, otherwise: 'block' },
    }))

    expect(replayDecision(decided(at(0.9), grant), hold)).toMatchObject({ judgement: { verdict: 'allow' } })
    expect(replayDecision(decided(at(0.9)), hold)).toMatchObject({ judgement: { verdict: 'hold' } })
    expect(replayDecision(decided(at(0.9), grant), at(0.5))).toMatchObject({
      judgement: { verdict: 'block' },
    })
  })

  it('drops an impossible edit that the policy does not ask for, and keeps one that it does', () => {
    const redact = policyOf((rule) => ({ ...rule, action: { kind: 'redact', replacement: '' } }))
    const clean = decided(redact, {}, { json: true })
    const [part] = clean.parts as [JudgedPart]
    const impossible = decided(redact, {
      parts: [part, { ...part, outcomes: {}, elapsedMs: {}, fault: 'PARAPET_GATE_EDIT_IMPOSSIBLE' }],
    })

    expect(impossible.decision.verdict).toBe('block')
    expect(replayDecision(impossible, at(0.9))).toMatchObject({
      kind: 'judged',
      judgement: { verdict: 'allow' },
    })
    expect(replayDecision(impossible, { ...redact, version: '2' })).toMatchObject({
      judgement: { verdict: 'block' },
    })
  })
})

describe('replayRecords', () => {
  it('counts what would change, lists it, and skips lines that are no whole records', async () => {
    const sink = memorySink()
    for (const policy of [at(0.5), at(0.9), at(0.95)]) await sink.append(decided(policy))
    await sink.append(decided(at(0.5), {}, { outcomes: { alpha: { kind: 'skipped' } } }))
    const edited = (sink.lines[0] as string).replace('0.7', '0.1')
    const replay = await replayRecords(recordLines([...sink.lines, 'hello', edited]), at(0.6))

    expect(replay).toMatchObject({
      decisions: 4,
      unchanged: 1,
      changedCount: 2,
      unanswerableCount: 1,
      unknowns: { skipped: 1 },
      diverged: [],
      unreadable: 2,
      transitions: [
        { from: 'block', to: 'block', count: 1 },
        { from: 'allow', to: 'block', count: 2 },
      ],
    })
    expect(replay.changed).toMatchObject([
      { from: 'allow', to: 'block' },
      { from: 'allow', to: 'block' },
    ])
  })

  it('reports no change, and no divergence, under the policy that made the records', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryPolicy.chain((policy) =>
          fc.array(arbitraryBodyOf(policy)).map((bodies) => ({ policy, bodies })),
        ),
        async ({ policy, bodies }) => {
          const sink = memorySink()
          for (const body of bodies) await sink.append(body)

          expect(await replayRecords(recordLines(sink.lines), policy)).toMatchObject({
            decisions: bodies.length,
            unchanged: bodies.length,
            changed: [],
            unanswerable: [],
            diverged: [],
          })
        },
      ),
      { seed: SEED },
    )
  })

  it('names a decision that its own policy does not give again', async () => {
    const sink = memorySink()
    const body = decided(at(0.5))
    await sink.append({ ...body, decision: { ...body.decision, verdict: 'allow' } })
    const replay = await replayRecords(recordLines(sink.lines), at(0.5))

    expect(replay.diverged).toEqual([body.decision.id])
  })

  it('says that edits or duties would change where the verdict stays', async () => {
    const sink = memorySink()
    await sink.append(decided(at(0.9)))
    const flag = policyOf((rule) => ({ ...rule, action: { kind: 'flag' } }))
    const redact = policyOf((rule) => ({ ...rule, action: { kind: 'redact', replacement: '[x]' } }))

    expect((await replayRecords(recordLines(sink.lines), flag)).changed).toMatchObject([
      { from: 'allow', to: 'allow', edits: false, duties: true },
    ])
    expect((await replayRecords(recordLines(sink.lines), redact)).changed).toMatchObject([
      { from: 'allow', to: 'allow', edits: true, duties: false },
    ])
  })
})

/** The output of `decided`, measured in two windows. */
function inTwoWindows(policy: PolicyDocument): DecisionBody {
  const [part] = decided(policy).parts as [JudgedPart]
  const windows = [
    { start: 0, end: 100 },
    { start: 50, end: 120 },
  ]
  return decided(policy, { parts: windows.map((window) => ({ ...part, window })) })
}

function windowed(policy: PolicyDocument, windowCharacters: number): PolicyDocument {
  const { output } = policy.stages
  return output
    ? { ...policy, stages: { output: { ...output, release: { kind: 'window', windowCharacters } } } }
    : policy
}

/** A policy that asks everything that either of two policies asks, in every stage of either, with every rate. */
function everything(a: PolicyDocument, b: PolicyDocument): PolicyDocument {
  const names = [
    ...new Set([...Object.keys(a.stages), ...Object.keys(b.stages)]),
  ] as (keyof PolicyDocument['stages'])[]
  const stage = at(0.5).stages.output as NonNullable<PolicyDocument['stages']['output']>
  const labels = [
    ['alpha', 'one'],
    ['alpha', 'two'],
    ['beta', 'three'],
  ] as const
  const rules = labels.flatMap(([detector, label]) =>
    [0.001, 0.01, 0.05].map(
      (rate): Rule => ({
        id: `${label}-${rate}`,
        detector,
        label,
        condition: { kind: 'falsePositiveRate', rate },
        action: { kind: 'flag' },
      }),
    ),
  )
  return { ...a, stages: Object.fromEntries(names.map((name) => [name, { ...stage, rules }])) }
}

function thresholdsFor(
  policy: PolicyDocument,
  { thresholds, binding }: DecisionBody,
): Record<string, number> {
  const found: Record<string, number> = {}
  for (const [stage, { rules }] of Object.entries(policy.stages))
    for (const { id, detector, label, condition } of rules)
      for (const [key, rate] of Object.entries(binding.rates))
        if (
          condition.kind === 'falsePositiveRate' &&
          rate.detector === detector &&
          rate.label === label &&
          rate.rate === condition.rate
        )
          found[`${stage}/${id}`] = thresholds[key] as number
  return found
}

/** A record that lacks some of what was measured: outcomes, thresholds, or the parts after a place. */
function forget(full: DecisionBody, lost: readonly number[], complete: boolean): DecisionBody {
  const parts = full.parts.map(
    (part, index): JudgedPart => ({
      ...part,
      outcomes: Object.fromEntries(
        Object.entries(part.outcomes).flatMap(([key, outcome], place) => {
          const number = index * 2 + place
          if (lost.includes(number)) return number % 3 === 0 ? [] : [[key, { kind: 'skipped' as const }]]
          return [[key, outcome]]
        }),
      ),
    }),
  )
  const rates = Object.entries(full.binding.rates).filter((_, index) => !lost.includes(index % 8))
  const dropped = lost.includes(7) ? Object.fromEntries(rates) : full.binding.rates
  return {
    ...full,
    parts: complete ? parts : parts.slice(0, 2),
    complete: complete || parts.length <= 2,
    binding: { ...full.binding, rates: dropped },
  }
}
