import { beforeAll, describe, expect, it } from '@jest/globals'
import {
  createGuard,
  definePolicy,
  type MemorySink,
  memoryQueue,
  memorySink,
  type Policy,
  type RuleDraft,
  recordLines,
  type StageDefinition,
  when,
} from '@parapet/sdk'
import { scriptedDetector } from '@parapet/sdk/testing'
import { gatePlan } from './plan-gate.ts'
import { planMarkdown } from './plan-markdown.ts'
import { planPolicy } from './plan-policy.ts'
import { policyFindings } from './policy-findings.ts'

/** Scores what a text says: "0.7 of something". */
const risk = scriptedDetector({
  id: 'risk',
  labels: ['risky'],
  script: ({ text }) => ({ risky: Number.parseFloat(text) || 0 }),
})
const far = scriptedDetector({
  id: 'far',
  labels: ['bad'],
  script: { bad: /bad/ },
  descriptor: {
    tier: 'remote',
    sendsTo: 'https://far.example',
    coverage: { stages: ['input', 'output'], languages: ['en', 'de'], maxCharacters: 500 },
    options: { timeoutMs: 2_000, attempts: 2 },
  },
})
const base: Omit<StageDefinition, 'rules'> = { onError: 'block', onAbstain: 'block', budgetMs: 1_000 }
const above = (score: number) => when(risk, 'risky').above(score)
const review = { mode: 'defer', withinMs: 60_000, otherwise: 'block' } as const

function policyWith(
  rules: readonly RuleDraft[],
  change: Partial<StageDefinition> = {},
  version = '1',
): Policy {
  return definePolicy({ id: 'planned', version, input: { ...base, rules, ...change } })
}

const old = policyWith([above(0.5).block({ id: 'risky' }), when(far, 'bad').above(0.5).flag({ id: 'far' })])

describe('planning on records', () => {
  const HOUR = 3_600_000
  let sink: MemorySink
  const records = () => recordLines(sink.lines)
  const plan = (to: Policy, from = old) => planPolicy({ from, to, records: records() })

  beforeAll(async () => {
    let now = 0
    // A decision an hour, two days long.
    sink = memorySink({ now: () => (now += HOUR) })
    const guard = createGuard({ policy: old, records: sink, queue: memoryQueue() })
    for (let index = 0; index < 50; index++) {
      const text = index < 20 ? '0.1 fine' : index < 40 ? '0.45 odd' : '0.9 risky'
      await guard.check({ stage: 'input', text: `${text} number ${index}` })
    }
    await guard.close()
  })

  it('changes nothing when nothing changes', async () => {
    const { changed, answered, decisions, transitions, findings, new: next } = await plan(old)

    expect({ answered, decisions, hits: changed.hits }).toEqual({ answered: 50, decisions: 50, hits: 0 })
    expect(transitions.map(({ from, to, share }) => [from, to, share.hits])).toEqual([
      ['allow', 'allow', 40],
      ['block', 'block', 10],
    ])
    expect(findings).toMatchObject({ introduced: [], resolved: [] })
    expect(next.measuringMs?.n).toBe(50)
    expect(next.recipients).toEqual({
      'https://far.example': { decisions: 50, characters: expect.any(Number) },
    })
  })

  it('counts what becomes stricter and softer, with intervals, the softer listed first', async () => {
    const to = policyWith([above(0.4).review(review, { id: 'odd' })])

    const { changed, loosened, tightened, transitions, listed, new: next, days } = await plan(to)

    expect([changed.hits, loosened.hits, tightened.hits]).toEqual([30, 10, 20])
    expect(loosened.low).toBeCloseTo(0.1124, 3)
    expect(loosened.high).toBeCloseTo(0.3304, 3)
    expect(transitions).toContainEqual({
      from: 'block',
      to: 'hold',
      share: expect.objectContaining({ hits: 10, n: 50 }),
    })
    expect(listed.slice(0, 10).every(({ from, to: becomes }) => from === 'block' && becomes === 'hold')).toBe(
      true,
    )
    expect(next.reviews).toMatchObject({ holds: 30, audits: 0 })
    expect(next.reviews.perDay).toBeCloseTo(30 / (days ?? 0), 6)
    expect(next.recipients).toEqual({})
  })

  it('expects the share of a random slice', async () => {
    const { new: next } = await plan(
      policyWith([above(0.4).review({ mode: 'audit', sampleRate: 0.1 }, { id: 'slice' })]),
    )

    expect(next.reviews.audits).toBeCloseTo(3, 6)
  })

  it('says what the records cannot answer, and lets it count against a bar', async () => {
    const other = scriptedDetector({ id: 'other', labels: ['bad'], script: { bad: /./ } })
    const unknown = await plan(policyWith([when(other, 'bad').above(0.5).block()]))

    expect(unknown).toMatchObject({ answered: 0, unknowns: { detector: 50 } })
    expect(gatePlan(unknown, { maxLoosened: 0.1 })).toMatchObject({ verdict: 'inconclusive' })
    expect(gatePlan(unknown, { maxP95Ms: 1 })).toMatchObject({ verdict: 'inconclusive' })
  })

  it('shows the rules that never held, and how often they still may', async () => {
    const { new: next } = await plan(
      policyWith([above(0.5).block({ id: 'risky' }), above(0.95).flag({ id: 'rare' })]),
    )

    const rare = next.rules.find(({ rule }) => rule === 'rare')

    expect(rare?.held).toMatchObject({ hits: 0, n: 50 })
    expect(rare?.held.high).toBeCloseTo(0.0713, 3)
  })

  it.each([
    [{ maxLoosened: 0.5 }, 'pass'],
    [{ maxLoosened: 0.01 }, 'fail'],
    [{ maxLoosened: 0.2 }, 'inconclusive'],
    [{ maxChanged: 0.1, maxLoosened: 0.2 }, 'fail'],
    [{ maxReviewsPerDay: 100 }, 'pass'],
    [{ maxReviewsPerDay: 1 }, 'fail'],
    [{ noNewRecipients: true, noOpenings: true }, 'pass'],
    [{}, 'pass'],
  ] as const)('holds a plan to %j: %s', async (bars, verdict) => {
    const made = await plan(policyWith([above(0.4).review(review, { id: 'odd' })]))

    expect(gatePlan(made, bars).verdict).toBe(verdict)
  })

  it('fails a change that opens something, or sends content to somebody new', async () => {
    const from = policyWith([above(0.5).block({ id: 'risky' })])
    const opened = await plan(policyWith([above(0.5).block({ id: 'risky' })], { onError: 'flag' }), from)
    const sends = await plan(old, from)

    expect(gatePlan(opened, { noOpenings: true }).verdict).toBe('fail')
    expect(gatePlan(sends, { noNewRecipients: true }).verdict).toBe('fail')
    expect(gatePlan(sends, { noOpenings: true }).verdict).toBe('pass')
  })

  it('counts lines that are no records, and goes on', async () => {
    const broken = recordLines([...sink.lines.slice(0, 5), '{"half":', ...sink.lines.slice(5)])

    expect(await planPolicy({ from: old, to: old, records: broken })).toMatchObject({
      decisions: 50,
      unreadable: 1,
    })
  })

  it('writes Markdown whose cells no name can leave', async () => {
    const to = policyWith([above(0.4).review(review, { id: 'a|b <img src=x> [c](d)\n| e' })], {}, '2')
    const made = await plan(to)

    const text = planMarkdown(made, gatePlan(made, { maxLoosened: 0.2 }))

    expect(text).toContain('## Policy plan: planned 1 → planned 2')
    expect(text).toContain('| softer | 10 of 50 (20.00 %, 11.24 % to 33.04 %) |')
    expect(text).toContain('| maxLoosened | 0.2 | 11.24 % to 33.04 % | inconclusive |')
    expect(text).not.toMatch(/<img|\]\(|\n\| e/)
  })
})

describe('what a policy proves by itself', () => {
  const kinds = (policy: Policy) => policyFindings(policy).filter(({ stage }) => stage === 'input')

  it.each([
    ['a higher score with the same action', above(0.7).block({ id: 'x' })],
    ['a hold under a block', above(0.6).review(review, { id: 'x' })],
    ['the same again', above(0.5).block({ id: 'x' })],
  ])('finds a rule without effect: %s', (_, rule) => {
    expect(kinds(policyWith([above(0.5).block({ id: 'first' }), rule]))).toEqual([
      { kind: 'no-effect', stage: 'input', rule: 'x', because: 'first' },
    ])
  })

  it.each([
    ['a lower score', above(0.4).block({ id: 'x' })],
    ['a flag, which stands in the decision', above(0.7).flag({ id: 'x' })],
    ['another label', when(far, 'bad').above(0.9).flag({ id: 'x' })],
    [
      'a rate, whose score is not known here',
      when(risk, 'risky').atFalsePositiveRate(0.01).block({ id: 'x' }),
    ],
  ])('leaves alone: %s', (_, rule) => {
    const found = kinds(policyWith([above(0.5).block({ id: 'first' }), rule]))

    expect(found.filter(({ kind }) => kind === 'no-effect').length).toBe(
      // The rule with the lower score makes the first one needless.
      rule.condition.kind === 'above' && rule.condition.score < 0.5 ? 1 : 0,
    )
  })

  it('finds what fails open, abstains open and expires open', () => {
    const open = { ...review, otherwise: 'allow' } as const
    const rules = [above(0.5).review(open, { id: 'soft' }), when(far, 'bad').above(0.5).block({ id: 'far' })]

    expect(kinds(policyWith(rules, { onError: 'flag', onAbstain: 'allow' }))).toEqual([
      { kind: 'expires-open', stage: 'input', rule: 'soft' },
      { kind: 'fails-open', stage: 'input', action: 'flag' },
      {
        kind: 'abstains-open',
        stage: 'input',
        action: 'allow',
        maxCharacters: 500,
        languages: ['en', 'de'],
      },
      { kind: 'sends-out', stage: 'input', detector: 'far', to: 'https://far.example' },
      { kind: 'budget-cuts-attempts', stage: 'input', detector: 'far', budgetMs: 1_000, timeoutMs: 2_000 },
    ])
  })

  it('finds windows that leak, and stages that nothing judges', () => {
    const policy = definePolicy({
      id: 'p',
      version: '1',
      output: { ...base, rules: [above(0.5).block()], release: { windowCharacters: 200 } },
    })

    expect(policyFindings(policy)).toContainEqual({
      kind: 'window-leak',
      stage: 'output',
      windowCharacters: 200,
    })
    // Reasoning and tool calls are judged as the output is, where nothing else is said.
    expect(
      policyFindings(policy).flatMap(({ kind, stage }) => (kind === 'unjudged-stage' ? [stage] : [])),
    ).toEqual(['input', 'toolResult'])
  })
})
