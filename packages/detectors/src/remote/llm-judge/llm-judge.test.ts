import { inspect } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { APICallError } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { scriptedJudge, verdict } from '../../../test/builders/scripted-judge.ts'
import { subject } from '../../../test/builders/subject.ts'
import type { JudgeModel } from './judge-model.ts'
import { llmJudge } from './llm-judge.ts'

const rubric = { rude: 'Insults a person.', 'off-topic': 'Is about anything but parcels.' }
const { signal } = new AbortController()
const measured = async (model: JudgeModel, options: object = {}, text = 'canary') =>
  (await llmJudge({ model, rubric, attempts: 1, ...options }).load()).measure(subject(text), { signal })
const scores = { rude: 0.25, 'off-topic': 0.75 }

test('the model is told the rules in the policy’s own words, and its verdict becomes the scores', async () => {
  const model = scriptedJudge(({ check }) => verdict(check, scores))

  expect(await measured(model)).toEqual({ kind: 'scored', scores })
  const [call] = model.doGenerateCalls
  expect(call).toMatchObject({
    temperature: 0,
    seed: 1,
    maxOutputTokens: 500,
    responseFormat: { type: 'json' },
  })
  expect(call?.prompt[0]).toMatchObject({
    role: 'system',
    content: expect.stringContaining(
      '- rude: Insults a person.\n- off-topic: Is about anything but parcels.',
    ),
  })
})

test('each vote has lines and a code of its own', async () => {
  const seen = new Set<string>()
  const model = scriptedJudge(({ check, message }) => {
    seen.add(check).add(message.split('\n')[0] ?? '')
    return verdict(check, scores)
  })

  await measured(model, { votes: 3 })

  expect(seen.size).toBe(6)
})

describe('votes', () => {
  const split = () =>
    scriptedJudge(({ check }, call) => verdict(check, { rude: [0.9, 0.1, 0.8][call], 'off-topic': 0 }))

  test('are asked with a seed each, and their mean counts; how far they lie apart is a label', async () => {
    const model = split()

    const { scores: given } = (await measured(model, { votes: 3 })) as { scores: Record<string, number> }

    expect(given['rude']).toBeCloseTo(0.6, 10)
    expect(given['disagreement']).toBeCloseTo(0.8, 10)
    expect(model.doGenerateCalls.map(({ seed }) => seed).sort()).toEqual([1, 2, 3])
    expect(model.doGenerateCalls[0]?.temperature).toBe(0.7)
  })

  test('can be counted by the share that finds it so', async () => {
    const { scores: given } = (await measured(split(), { votes: 3, combine: 'share' })) as {
      scores: Record<string, number>
    }

    expect(given['rude']).toBeCloseTo(2 / 3, 10)
  })

  test('of which one is malformed are none', async () => {
    const model = scriptedJudge(({ check }, call) => (call === 1 ? 'canary' : verdict(check, scores)))

    await expect(measured(model, { votes: 3 })).rejects.toMatchObject({
      code: 'PARAPET_REMOTE_VERDICT_MALFORMED',
    })
  })
})

describe('a verdict that is malformed is a fault:', () => {
  test.each<[string, (check: string) => string, string]>([
    ['no JSON', () => 'I find it canary.', 'VERDICT_MALFORMED'],
    ['half a JSON', (check) => verdict(check, scores).slice(0, -4), 'VERDICT_MALFORMED'],
    ['a verdict behind a comment', (check) => `canary ${verdict(check, scores)}`, 'VERDICT_MALFORMED'],
    ['two verdicts', (check) => verdict(check, scores).repeat(2), 'VERDICT_MALFORMED'],
    ['nothing', () => '', 'VERDICT_MALFORMED'],
    ['no code', () => JSON.stringify({ scores }), 'VERDICT_MALFORMED'],
    ['another code', () => verdict('00000000', scores), 'VERDICT_MALFORMED'],
    ['a missing label', (check) => verdict(check, { rude: 0 }), 'VERDICT_MALFORMED'],
    ['a label more', (check) => verdict(check, { ...scores, canary: 0 }), 'VERDICT_MALFORMED'],
    ['a score in words', (check) => verdict(check, { ...scores, rude: 'canary' }), 'VERDICT_MALFORMED'],
    ['a score of null', (check) => verdict(check, { ...scores, rude: null }), 'VERDICT_MALFORMED'],
    ['a score of ten', (check) => verdict(check, { ...scores, rude: 10 }), 'SCORE_INVALID'],
    ['a score below 0', (check) => verdict(check, { ...scores, rude: -0.1 }), 'SCORE_INVALID'],
  ])('%s', async (_, answer, code) => {
    const error: unknown = await measured(scriptedJudge(({ check }) => answer(check))).catch(
      (thrown) => thrown,
    )

    expect(error).toMatchObject({ code: `PARAPET_REMOTE_${code}` })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('canary')
  })

  test.each(['length', 'content-filter'] as const)('one that ended by %s', async (finish) => {
    await expect(
      measured(scriptedJudge(({ check }) => verdict(check, scores), finish)),
    ).rejects.toMatchObject({
      code: 'PARAPET_REMOTE_VERDICT_MALFORMED',
    })
  })
})

describe('a provider of the AI SDK that fails', () => {
  const failing = (error: Error) => new MockLanguageModelV4({ doGenerate: () => Promise.reject(error) })
  const apiError = (statusCode?: number) =>
    new APICallError({
      message: 'canary',
      url: 'https://example.com/canary',
      requestBodyValues: { canary: 'canary' },
      ...(statusCode === undefined ? {} : { statusCode }),
      responseHeaders: { 'retry-after': '60' },
      responseBody: 'canary',
    })

  test.each<[Error, string]>([
    [apiError(), 'UNREACHABLE'],
    [apiError(401), 'UNAUTHORIZED'],
    [apiError(422), 'REFUSED'],
    [apiError(429), 'RATE_LIMITED'],
    [apiError(500), 'UNAVAILABLE'],
    [new Error('canary'), 'UNREACHABLE'],
  ])('%#: gives a code of ours, and nothing of its request', async (thrown, code) => {
    const error: unknown = await measured(failing(thrown)).catch((caught) => caught)

    expect(error).toMatchObject({ code: `PARAPET_REMOTE_${code}` })
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain('canary')
  })
})

test.each([
  ['no model', { model: undefined }],
  ['a model that is none', { model: { modelId: 'x' } }],
  ['no rubric', { rubric: undefined }],
  ['an empty rubric', { rubric: {} }],
  ['a rule without words', { rubric: { rude: ' ' } }],
  ['a label with other characters', { rubric: { 'rude"}': 'x' } }],
  ['a label that is taken', { rubric: { disagreement: 'x' } }],
  ['no votes', { votes: 0 }],
  ['a temperature of 3', { temperature: 3 }],
])('%s is refused when it is made', (_, changes) => {
  const model = scriptedJudge(() => '')

  expect(() => llmJudge({ model, rubric, ...changes } as never)).toThrow(
    expect.objectContaining({ code: 'PARAPET_DETECTOR_OPTION_INVALID' }),
  )
})

test('a judge with a chat endpoint can be made from its own descriptor, as a policy in JSON does', () => {
  const model = { url: 'http://localhost:8000/v1', model: 'judge', keyEnv: 'JUDGE_KEY' }
  const { descriptor } = llmJudge({ model, rubric, votes: 3 })

  expect(llmJudge(descriptor.options as never).descriptor).toEqual(descriptor)
  expect(descriptor.labels).toEqual(['rude', 'off-topic', 'disagreement'])
})
