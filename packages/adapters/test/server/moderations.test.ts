import { describe, expect, it } from '@jest/globals'
import { definePolicy, when } from '@parapet/sdk'
import { scriptedDetector } from '@parapet/sdk/testing'
import { serverUnderTest } from './server-under-test.ts'

const SCORES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  bad: { insult: 0.9, threat: 0.2, toxic: 0.7, violence: 0.4, negative: 1 },
  mild: { insult: 0.3, threat: 0, toxic: 0.1, violence: 0, negative: 0 },
}

const detector = scriptedDetector({
  labels: ['insult', 'threat', 'toxic', 'violence', 'negative'],
  script: ({ text }) => ({
    kind: 'scored',
    scores: SCORES[text] ?? { insult: 0, threat: 0, toxic: 0, violence: 0, negative: 0 },
  }),
})
const policy = definePolicy({
  id: 'moderation',
  version: '3',
  input: {
    rules: [
      when(detector, 'insult').above(0.8).block(),
      when(detector, 'negative')
        .above(2 / 3)
        .flag(),
    ],
    onError: 'block',
    onAbstain: 'flag',
    budgetMs: 1_000,
  },
})

interface Answer {
  readonly id: string
  readonly model: string
  readonly results: {
    readonly flagged: boolean
    readonly categories: Record<string, boolean>
    readonly category_scores: Record<string, number>
    readonly category_applied_input_types: Record<string, string[]>
  }[]
}

async function moderate(input: unknown, server = {}) {
  const { post } = await serverUnderTest({ policy, server })
  const response = await post('/v1/moderations', { input, model: 'omni-moderation-latest' })
  return { status: response.status, body: (await response.json()) as Answer }
}

describe('POST /v1/moderations', () => {
  it('maps what was measured to the names of OpenAI, and flags by the policy', async () => {
    const { body } = await moderate(['bad', 'mild', 'fine'])

    const [bad, mild, fine] = body.results
    expect(body.model).toBe('moderation@3')
    expect(body.id).toMatch(/^modr-[0-9a-f-]{36}$/)
    expect(body.results.map(({ flagged }) => flagged)).toEqual([true, false, false])
    expect(bad?.categories).toMatchObject({
      harassment: true,
      'harassment/threatening': false,
      violence: false,
    })
    expect(bad?.category_scores).toMatchObject({
      harassment: 0.9,
      'harassment/threatening': 0.2,
      violence: 0.4,
      sexual: 0,
    })
    expect(bad?.category_applied_input_types).toMatchObject({ harassment: ['text'], sexual: [] })
    expect(mild?.category_scores['harassment']).toBe(0.3)
    expect(Object.keys(fine?.categories ?? {})).toHaveLength(13)
  })

  it('knows only what a rule held on where no tap listens', async () => {
    const { body } = await moderate('bad', { tap: undefined })

    expect(body.results[0]?.category_scores).toMatchObject({ harassment: 0.9, violence: 0 })
  })

  it('takes parts as one input, and finds what is cut over two of them', async () => {
    const parts = (...texts: string[]) => moderate(texts.map((text) => ({ type: 'text', text })))

    const [cut, apart, fine] = await Promise.all([parts('ba', 'd'), parts('bad', ''), parts('fi', 'ne')])

    expect(cut.body.results).toMatchObject([
      {
        flagged: true,
        categories: { harassment: true },
        category_scores: { harassment: 0.9, violence: 0.4 },
      },
    ])
    expect(apart.body.results).toMatchObject([{ flagged: true }])
    expect(fine.body.results).toMatchObject([{ flagged: false, category_scores: { harassment: 0 } }])
    expect(fine.body.id).toMatch(/^modr-[0-9a-f-]{36}$/)
  })

  it('refuses images, which nobody can judge', async () => {
    const { status, body } = await moderate([{ type: 'image_url', image_url: { url: 'https://host/x.png' } }])

    expect(status).toBe(400)
    expect(body).toMatchObject({ error: { code: 'PARAPET_SERVER_UNSUPPORTED' } })
  })

  it('keeps the measurements of requests at once apart', async () => {
    const server = { maxConcurrentPerTenant: 64 }
    const { post } = await serverUnderTest({ policy, guard: { memoEntries: 0 }, server })

    const answers = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const response = await post('/v1/moderations', { input: index % 2 === 0 ? 'bad' : 'mild' })
        return ((await response.json()) as Answer).results[0]?.category_scores['harassment']
      }),
    )

    expect(answers).toEqual(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? 0.9 : 0.3)))
  })
})
