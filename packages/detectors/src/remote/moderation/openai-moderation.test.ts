import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { subject } from '../../../test/builders/subject.ts'
import { MODERATION_CATEGORIES, openAIModeration } from './openai-moderation.ts'

const URL = 'https://api.openai.com/v1/moderations'
const MODEL = 'omni-moderation-2024-09-26'
const server = setupServer()
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterAll(() => server.close())

/** An answer as OpenAI's reference shows it; each test breaks one thing. */
const moderation = (changes: object = {}, scores: object = {}) => ({
  id: 'modr-1',
  model: MODEL,
  results: [
    {
      flagged: true,
      categories: Object.fromEntries(MODERATION_CATEGORIES.map((name) => [name, false])),
      category_scores: {
        ...Object.fromEntries(MODERATION_CATEGORIES.map((name, index) => [name, index / 100])),
        ...scores,
      },
      category_applied_input_types: {},
    },
  ],
  ...changes,
})
const answering = (value: object) => server.use(http.post(URL, () => HttpResponse.json(value)))
beforeEach(() => answering(moderation()))

const { signal } = new AbortController()
const measured = async (options: object = {}) =>
  (await openAIModeration({ key: () => 'sk-1', ...options }).load()).measure(subject('a text'), { signal })

test('each category has its score, and the request names the model that is pinned', async () => {
  let sent: unknown
  server.use(
    http.post(URL, async ({ request }) => {
      sent = { body: await request.json(), authorization: request.headers.get('authorization') }
      return HttpResponse.json(moderation())
    }),
  )

  const measurement = await measured()

  expect(sent).toEqual({ body: { model: MODEL, input: 'a text' }, authorization: 'Bearer sk-1' })
  expect(measurement).toMatchObject({ kind: 'scored', scores: { harassment: 0, 'violence/graphic': 0.12 } })
})

test('a server that calls its model otherwise is taken at the name that was given for it', async () => {
  answering(moderation({ model: 'text-moderation-007' }))

  expect(await measured({ answersAs: 'text-moderation-007' })).toMatchObject({ kind: 'scored' })
})

describe('is a fault:', () => {
  test.each([
    ['another model', moderation({ model: 'omni-moderation-latest' }), 'PARAPET_REMOTE_MODEL_MISMATCH'],
    ['no result', moderation({ results: [] }), 'PARAPET_REMOTE_ANSWER_MALFORMED'],
    [
      'two results for one text',
      moderation({ results: [...moderation().results, ...moderation().results] }),
      'PARAPET_REMOTE_ANSWER_MALFORMED',
    ],
    ['a missing category', moderation({}, { hate: undefined }), 'PARAPET_REMOTE_LABELS_MISMATCH'],
    ['a score over 1', moderation({}, { hate: 1.5 }), 'PARAPET_REMOTE_SCORE_INVALID'],
    ['a score that is a text', moderation({}, { hate: '0.5' }), 'PARAPET_REMOTE_SCORE_INVALID'],
    ['null for NaN', moderation({}, { hate: null }), 'PARAPET_REMOTE_SCORE_INVALID'],
  ])('%s', async (_, answer, code) => {
    answering(answer)

    await expect(measured()).rejects.toMatchObject({ code })
  })
})

test('OpenAI’s key is looked for in its usual variable; another server gets none unasked', () => {
  expect(openAIModeration().descriptor.options).toMatchObject({ keyEnv: 'OPENAI_API_KEY', model: MODEL })
  expect(openAIModeration({ baseUrl: 'http://localhost:8000/v1' }).descriptor.options).not.toHaveProperty(
    'keyEnv',
  )
})

test('the descriptor’s options make the same detector, as a policy in JSON does', () => {
  const { descriptor } = openAIModeration({ categories: ['hate'], timeoutMs: 500 })

  expect(openAIModeration(descriptor.options as never).descriptor).toEqual(descriptor)
})
