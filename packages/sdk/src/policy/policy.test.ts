import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { contains, scripted } from '../../test/scripted.ts'
import { definePolicy, type PolicyDefinition, type StageDefinition } from './define-policy.ts'
import { parsePolicy } from './parse-policy.ts'
import { PolicyError, type PolicyIssueCode } from './policy-error.ts'
import { policyJsonSchema } from './policy-schema.ts'
import { when } from './when.ts'

const plain = scripted(contains('x'))
const spans = scripted(contains('x'), { id: 'spans', maxSpanCharacters: 40 })
const valid: StageDefinition = {
  rules: [when(plain, 'bad').above(0.5).block()],
  onError: 'block',
  onAbstain: 'flag',
  budgetMs: 100,
}
const policy = (stage: Partial<StageDefinition>, more: Partial<PolicyDefinition> = {}) =>
  definePolicy({ id: 'p', version: '1', output: { ...valid, ...stage }, ...more })

function issuesOf(make: () => unknown) {
  try {
    make()
  } catch (error) {
    if (error instanceof PolicyError) return error.issues
    throw error
  }
  return []
}

/** Each row breaks one thing. */
const MISTAKES: readonly (readonly [string, () => unknown, PolicyIssueCode, string])[] = [
  [
    'an unknown label',
    () =>
      policy({
        rules: [
          when(plain, 'worse' as 'bad')
            .above(0.5)
            .block(),
        ],
      }),
    'unknown-label',
    'output.rules[0].label',
  ],
  [
    'a score over 1',
    () => policy({ rules: [when(plain, 'bad').above(1.5).block()] }),
    'out-of-range',
    'output.rules[0].condition.score',
  ],
  [
    'a score that is no number',
    () => policy({ rules: [when(plain, 'bad').above(Number.NaN).block()] }),
    'shape',
    'output.rules[0].condition.score',
  ],
  [
    'a rate of 0',
    () => policy({ rules: [when(plain, 'bad').atFalsePositiveRate(0).block()] }),
    'out-of-range',
    'output.rules[0].condition.rate',
  ],
  [
    'a rate over 5 %',
    () => policy({ rules: [when(plain, 'bad').atFalsePositiveRate(0.06).block()] }),
    'out-of-range',
    'output.rules[0].condition.rate',
  ],
  [
    'a redaction without spans',
    () => policy({ rules: [when(plain, 'bad').above(0.5).redact()] }),
    'cannot-redact',
    'output.rules[0].action',
  ],
  [
    'found() without spans',
    () => policy({ rules: [when(plain, 'bad').found().block()] }),
    'cannot-find',
    'output.rules[0].condition',
  ],
  [
    'a window smaller than two spans',
    () => policy({ rules: [when(spans).found().redact()], release: { windowCharacters: 79 } }),
    'window-too-small',
    'output.release.windowCharacters',
  ],
  [
    'a rule that stands twice',
    () => policy({ rules: [...valid.rules, ...valid.rules] }),
    'duplicate-rule',
    'output.rules[1]',
  ],
  [
    'a missing onError',
    () => policy({ onError: undefined as unknown as 'block' }),
    'shape',
    'output.onError.kind',
  ],
  ['an unknown onAbstain', () => policy({ onAbstain: 'ignore' as 'flag' }), 'shape', 'output.onAbstain.kind'],
  ['a budget of 0', () => policy({ budgetMs: 0 }), 'out-of-range', 'output.budgetMs'],
  [
    'an unknown key of a stage',
    () => policy({ onTimeout: 'block' } as Partial<StageDefinition>),
    'shape',
    'output',
  ],
  [
    'an unknown key of the policy',
    () => policy({}, { outptu: valid } as Partial<PolicyDefinition>),
    'shape',
    'stages',
  ],
  [
    'windows where there is no stream',
    () => definePolicy({ id: 'p', version: '1', input: { ...valid, release: { windowCharacters: 100 } } }),
    'release-not-here',
    'input.release',
  ],
  [
    'steering by what is no request',
    () =>
      policy({
        rules: [
          when(scripted(contains('x'), { id: 'i' }), 'bad')
            .above(0.5)
            .steer(),
        ],
      }),
    'steer-not-here',
    'output.rules[0].action',
  ],
  [
    'a strength of 0',
    () =>
      policy({
        rules: [
          when(scripted(contains('x'), { id: 'i' }), 'bad')
            .above(0.5)
            .steer({ strength: 0 }),
        ],
      }),
    'out-of-range',
    'output.rules[0].action.strength',
  ],
  [
    'a stage the detector does not cover',
    () =>
      policy({
        rules: [
          when(
            scripted(contains('x'), {
              id: 'i',
              coverage: { stages: ['input'], languages: 'any', maxCharacters: 9 },
            }),
            'bad',
          )
            .above(0.5)
            .block(),
        ],
      }),
    'stage-not-covered',
    'output.rules[0].detector',
  ],
  [
    'a deadline of 0',
    () =>
      policy({
        rules: [when(plain, 'bad').above(0.5).review({ mode: 'hold', withinMs: 0, otherwise: 'block' })],
      }),
    'out-of-range',
    'output.rules[0].action.withinMs',
  ],
  [
    'a reserved action',
    () =>
      policy({
        rules: [
          {
            detector: plain,
            label: 'bad',
            condition: { kind: 'above', score: 1 },
            action: { kind: 'reask' } as never,
          },
        ],
      }),
    'shape',
    'output.rules[0].action.kind',
  ],
]

/** What a slip of the pen makes of a definition. */
const UNREADABLE: readonly (readonly [string, unknown, string])[] = [
  ['nothing at all', null, ''],
  ['no stage', { id: 'p', version: '1' }, ''],
  ['a stage that is null', { id: 'p', version: '1', input: null }, 'input'],
  ['a stage without rules', { id: 'p', version: '1', input: { ...valid, rules: undefined } }, 'input.rules'],
  ['a rule that is null', { id: 'p', version: '1', input: { ...valid, rules: [null] } }, 'input.rules[0]'],
  [
    'a rule without an action',
    { id: 'p', version: '1', input: { ...valid, rules: [when(plain, 'bad').above(0.5)] } },
    'input.rules[0]',
  ],
  [
    'a rule without a detector',
    {
      id: 'p',
      version: '1',
      input: {
        ...valid,
        rules: [
          when(undefined as never)
            .found()
            .block(),
        ],
      },
    },
    'input.rules[0]',
  ],
]

describe('definePolicy', () => {
  it.each(MISTAKES)('refuses %s, with the place and the code', (_, make, code, path) => {
    const issues = issuesOf(make)

    expect(issues).toContainEqual(expect.objectContaining({ code, path }))
  })

  it.each(UNREADABLE)('refuses %s, with the place', (_, definition, path) => {
    expect(issuesOf(() => definePolicy(definition as PolicyDefinition))).toContainEqual(
      expect.objectContaining({ code: 'shape', path }),
    )
  })

  it('wants windows of two spans for whatever a rule does with what it found', () => {
    const issues = issuesOf(() =>
      policy({ rules: [when(spans).found().block()], release: { windowCharacters: 20 } }),
    )

    expect(issues).toMatchObject([{ code: 'window-too-small', path: 'output.release.windowCharacters' }])
  })

  it('reports every mistake at once, each with what would be right', () => {
    const issues = issuesOf(() =>
      policy({
        rules: [
          when(plain, 'worse' as 'bad')
            .above(0.5)
            .redact(),
        ],
      }),
    )

    expect(issues.map(({ code }) => code)).toEqual(['unknown-label', 'cannot-redact'])
    expect(issues[0]?.message).toContain('"bad"')
  })

  it('gives the same hash for the same rules in another order, and another for another rule', () => {
    const one = when(plain, 'bad').above(0.5).block()
    const two = when(spans).found().redact()

    expect(policy({ rules: [one, two] }).policyHash).toBe(policy({ rules: [two, one] }).policyHash)
    expect(policy({ rules: [one] }).policyHash).not.toBe(policy({ rules: [one, two] }).policyHash)
  })

  it('gives stages that are not stated the rules of their base', () => {
    const { document } = policy({ release: { windowCharacters: 100 } })

    expect(document.stages.toolCall?.rules).toEqual(document.stages.output?.rules)
    expect(document.stages.toolCall?.release).toEqual({ kind: 'whole' })
    expect(document.stages.reasoning?.release).toEqual({ kind: 'window', windowCharacters: 100 })
    expect(document.stages.input).toBeUndefined()
  })

  it('tells detectors of one id apart by their options', () => {
    const strict = scripted(contains('x'), { options: { strict: true } })
    const { document, detectors } = policy({
      rules: [when(plain, 'bad').above(0.5).block(), when(strict, 'bad').above(0.5).flag()],
    })

    expect(Object.keys(document.detectors)).toHaveLength(2)
    expect([...detectors.keys()].sort()).toEqual(Object.keys(document.detectors).sort())
  })

  it('is frozen', () => {
    const { document } = policy({})

    expect(() => Object.assign(document.stages.output as object, { budgetMs: 9 })).toThrow(TypeError)
  })
})

describe('parsePolicy', () => {
  const registry = { scripted: () => plain, spans: () => spans }

  it('gives back the policy that was written in code, hash and all', () => {
    const written = policy({ rules: [...valid.rules, when(spans).found().redact()] })

    const read = parsePolicy(JSON.parse(JSON.stringify(written.document)), registry)

    expect(read.policyHash).toBe(written.policyHash)
  })

  it('refuses a detector that the registry does not make, of another version, or with other options', () => {
    const document = JSON.parse(JSON.stringify(policy({}).document))
    const changed = (change: object) => ({
      ...document,
      detectors: { scripted: { ...document.detectors.scripted, ...change } },
    })

    expect(issuesOf(() => parsePolicy(document, {}))).toMatchObject([
      { code: 'unknown-detector', path: 'detectors.scripted.id' },
    ])
    expect(issuesOf(() => parsePolicy(changed({ id: 'constructor' }), registry))).toMatchObject([
      { code: 'unknown-detector' },
    ])
    expect(issuesOf(() => parsePolicy(changed({ version: '2' }), registry))).toMatchObject([
      { code: 'detector-version' },
    ])
    expect(issuesOf(() => parsePolicy(changed({ options: { a: 1 } }), registry))).toMatchObject([
      { code: 'detector-options' },
    ])
  })

  it('refuses what is no policy at all', () => {
    for (const document of [null, 7, 'policy', [], {}])
      expect(issuesOf(() => parsePolicy(document, registry)).length).toBeGreaterThan(0)
  })
})

describe('the JSON Schema', () => {
  it('is the one that is published', () => {
    const published = JSON.parse(readFileSync('packages/sdk/schema/policy.schema.json', 'utf8'))

    expect(published).toEqual(policyJsonSchema())
  })
})
