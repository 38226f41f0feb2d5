import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { subject } from '../../../test/builders/subject.ts'
import { huggingFaceClassifier } from './hugging-face-classifier.ts'

const MODEL = 'owner/name'
const HUB = `https://huggingface.co/api/models/${MODEL}`
const ROUTER = `https://router.huggingface.co/hf-inference/models/${MODEL}`
const sent: { readonly body: unknown; readonly authorization: string | null }[] = []

/** Scores a text by whether it has the word "bad", as the serverless API answers. */
const scoring = async ({ request }: { request: Request }) => {
  const body = (await request.json()) as { inputs: string }
  sent.push({ body, authorization: request.headers.get('authorization') })
  const score = body.inputs.includes('bad') ? 0.875 : 0.125
  return HttpResponse.json([
    [
      { label: 'LABEL_1', score },
      { label: 'LABEL_0', score: 1 - score },
    ],
  ])
}
const mapping = { 'hf-inference': { status: 'live', providerId: MODEL, task: 'text-classification' } }
const server = setupServer(
  http.get(HUB, () => HttpResponse.json({ inferenceProviderMapping: mapping })),
  http.post(ROUTER, scoring),
  http.post('http://127.0.0.1:8080/predict', scoring),
)
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterEach(() => {
  server.resetHandlers()
  sent.length = 0
})
afterAll(() => server.close())

const { signal } = new AbortController()
const options = { model: MODEL, labels: { LABEL_0: null, LABEL_1: 'toxic' } } as const
const classifier = (changes: object = {}) => huggingFaceClassifier({ ...options, ...changes })
const measured = async (text: string, changes: object = {}) =>
  (await classifier(changes).load()).measure(subject(text), { signal })

describe('the serverless API', () => {
  test('is asked for every label and one more, with the key of now', async () => {
    process.env['PARAPET_TEST_HF_KEY'] = 'hf_first'
    const loaded = await classifier({ keyEnv: 'PARAPET_TEST_HF_KEY' }).load()
    process.env['PARAPET_TEST_HF_KEY'] = 'hf_second'

    const measurement = await loaded.measure(subject('a bad text'), { signal })
    delete process.env['PARAPET_TEST_HF_KEY']

    expect(measurement).toEqual({ kind: 'scored', scores: { toxic: 0.875 } })
    expect(sent).toEqual([
      { body: { inputs: 'a bad text', parameters: { top_k: 3 } }, authorization: 'Bearer hf_second' },
    ])
  })

  test('a model that the provider does not classify with is a fault', async () => {
    server.use(
      http.get('https://huggingface.co/api/models/owner/other', () =>
        HttpResponse.json({
          inferenceProviderMapping: { 'hf-inference': { ...mapping['hf-inference'], task: 'fill-mask' } },
        }),
      ),
    )

    await expect(measured('a text', { model: 'owner/other' })).rejects.toMatchObject({
      code: 'PARAPET_REMOTE_MODEL_MISMATCH',
    })
  })

  test('a provider elsewhere is not asked', async () => {
    await expect(measured('a text', { provider: 'together', key: () => 'key' })).rejects.toMatchObject({
      code: 'PARAPET_REMOTE_MODEL_MISMATCH',
    })
    expect(sent).toEqual([])
  })
})

describe('a server of the same interface', () => {
  const local = { endpointUrl: 'http://127.0.0.1:8080/predict' }

  test('is asked at its own path, without a key where there is none', async () => {
    expect(await measured('good', { ...local, activation: 'sigmoid' })).toMatchObject({
      scores: { toxic: 0.125 },
    })
    expect(sent).toEqual([
      {
        body: { inputs: 'good', parameters: { top_k: 3, function_to_apply: 'sigmoid' } },
        authorization: null,
      },
    ])
  })

  test('may give the list of one text bare', async () => {
    server.use(
      http.post(local.endpointUrl, () =>
        HttpResponse.json([
          { label: 'LABEL_0', score: 0.5 },
          { label: 'LABEL_1', score: 0.5 },
        ]),
      ),
    )

    expect(await measured('good', local)).toMatchObject({ scores: { toxic: 0.5 } })
  })
})

describe('a long text', () => {
  const padding = 'good words '.repeat(30)
  const windows = { windowBytes: 100, overlapBytes: 20 }

  test('is read in windows, and the worst one counts wherever it stands', async () => {
    for (const text of [`bad ${padding}`, `${padding} bad ${padding}`, `${padding} bad`]) {
      expect(await measured(text, windows)).toMatchObject({ scores: { toxic: 0.875 } })
    }
    expect(sent.length).toBeGreaterThan(12)
  })

  test('can be given the mean of its windows', async () => {
    const measurement = await measured(`bad ${padding}`, { ...windows, aggregation: 'mean' })

    expect(measurement).toMatchObject({
      scores: { toxic: expect.closeTo(0.125 + 0.75 / sent.length, 10) },
    })
  })

  test('is abstained from beyond the limit, unasked', async () => {
    expect(await measured('x'.repeat(4_001))).toEqual({ kind: 'abstained', reason: 'length' })
    expect(sent).toEqual([])
  })

  test('one window that fails fails the text', async () => {
    server.use(
      http.post(ROUTER, async ({ request }) => {
        const { inputs } = (await request.clone().json()) as { inputs: string }
        return inputs.includes('bad') ? HttpResponse.json({}, { status: 422 }) : scoring({ request })
      }),
    )

    await expect(measured(`${padding} bad ${padding}`, windows)).rejects.toMatchObject({
      code: 'PARAPET_REMOTE_REFUSED',
    })
  })
})

test('a key that is not there fails the loading, by the name of its variable', async () => {
  await expect(classifier({ keyEnv: 'PARAPET_TEST_NO_SUCH_KEY' }).load()).rejects.toMatchObject({
    code: 'PARAPET_REMOTE_KEY_MISSING',
    message: expect.stringContaining('PARAPET_TEST_NO_SUCH_KEY'),
  })
})

test.each(['hf_canary\nX-Evil: 1', 'hf canary', ''])(
  'the key %j, which no header takes, is never quoted',
  async (key) => {
    const loading = classifier({ key: () => key }).load()

    await expect(loading).rejects.toMatchObject({ code: 'PARAPET_REMOTE_KEY_MISSING' })
    await expect(loading).rejects.not.toThrow('canary')
  },
)

test.each([
  ['no labels', { labels: undefined }],
  ['no model', { model: undefined }],
  ['a model that is an address', { model: 'https://example.com' }],
  ['a provider that is chosen later', { provider: 'auto' }],
  ['a provider beside an endpoint', { provider: 'hf-inference', endpointUrl: 'http://localhost:1' }],
  ['an overlap over half a window', { windowBytes: 100, overlapBytes: 51 }],
  ['an unknown activation', { activation: 'none' }],
])('%s is refused when it is made', (_, changes) => {
  expect(() => classifier(changes)).toThrow(
    expect.objectContaining({ code: 'PARAPET_DETECTOR_OPTION_INVALID' }),
  )
})
