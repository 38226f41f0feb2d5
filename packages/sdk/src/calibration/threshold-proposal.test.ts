import { describe, expect, it } from '@jest/globals'
import { scripted } from '../../test/scripted.ts'
import {
  createGuard,
  definePolicy,
  memoryQueue,
  proposeThresholds,
  type ReviewItem,
  type ReviewQueue,
  type StageDefinition,
  when,
} from '../index.ts'

const GOAL = { rate: 0.05, confidence: 0.95 }
const audit = { mode: 'audit' } as const

/** Scores by the two numbers that a text begins with: `0.4 0.9 …`. */
const scoring = (place: number, id: string) =>
  scripted(({ text }) => ({ kind: 'scored', scores: { bad: Number(text.split(' ')[place]) } }), { id })
const [one, other] = [scoring(0, 'one'), scoring(1, 'other')]

const slice = when(one, 'bad').above(0).review(audit, { id: 'slice' })
const asked = when(one, 'bad').above(0.5).block({ id: 'asked' })

/** A guard with these rules of input, asked these texts. */
async function audited(rules: StageDefinition['rules'], texts: readonly string[]) {
  const queue = memoryQueue()
  const stage = { onError: 'block', onAbstain: 'flag', budgetMs: 1_000 } as const
  const policy = definePolicy({
    id: 'p',
    version: '1',
    input: { ...stage, rules },
    output: { ...stage, rules: [] },
  })
  const guard = createGuard({ policy, queue })
  for (const [index, text] of texts.entries())
    await guard
      .exchange({
        messages: [{ role: 'user', content: text }],
        context: { tenant: 'acme', subjectKey: `person-${index}` },
      })
      .input()
  return { policy, queue }
}

async function allOf(queue: ReviewQueue): Promise<readonly ReviewItem[]> {
  const items: ReviewItem[] = []
  let after: string | undefined
  do {
    const page = await queue.list({ limit: 500, ...(after === undefined ? {} : { after }) })
    items.push(...page.items)
    after = page.next
  } while (after !== undefined)
  return items
}

/** Finds those texts benign that begin with one of `beginnings`. */
async function approve(queue: ReviewQueue, beginnings: readonly string[]): Promise<void> {
  for (const { id, content } of await allOf(queue)) {
    const [part] = content.messages[0]?.parts ?? []
    if (part?.type !== 'text' || !beginnings.some((beginning) => part.text.startsWith(beginning))) continue
    const claim = await queue.claim({ reviewer: 'ada', id })
    await queue.decide({ id, token: claim?.token ?? '', outcome: 'approve' })
  }
}

async function proposed({ policy, queue }: Awaited<ReturnType<typeof audited>>, rule = 'asked') {
  async function* items() {
    yield* await allOf(queue)
  }
  return (await proposeThresholds(policy, items(), { ...GOAL, rule }))[0]?.evidence
}

const texts = (count: number, beginning: string) =>
  Array.from({ length: count }, (_, index) => `${beginning} ${index}`)

describe('proposeThresholds', () => {
  it('counts a text once, however often it came', async () => {
    const setup = await audited([asked, slice], Array(64).fill('0.1 0 hi'))
    await approve(setup.queue, ['0.1'])

    expect(await proposed(setup)).toMatchObject({ n: 1, boundN: 1, threshold: undefined, needed: 59 })
  })

  it('says that many texts of one score are many', async () => {
    const setup = await audited([asked, slice], texts(60, '0.1 0'))
    await approve(setup.queue, ['0.1'])

    expect(await proposed(setup)).toMatchObject({ n: 60, undecided: 0, boundN: 60, threshold: 0.101 })
  })

  it('takes what nobody decided for benign where it would be flagged, and for nothing elsewhere', async () => {
    const setup = await audited([asked, slice], [...texts(64, '0.1 0'), ...texts(10, '0.4 0')])
    await approve(setup.queue, ['0.1'])

    expect(await proposed(setup)).toMatchObject({ n: 64, undecided: 10, threshold: 0.401 })
    await approve(setup.queue, ['0.4'])
    expect(await proposed(setup)).toMatchObject({ n: 74, undecided: 0, threshold: 0.401 })
  })

  it('counts who was erased as undecided, though they were decided', async () => {
    const setup = await audited([asked, slice], [...texts(10, '0.4 0'), ...texts(64, '0.1 0')])
    await approve(setup.queue, ['0.1', '0.4'])

    for (let person = 0; person < 10; person++)
      await setup.queue.erase({ tenant: 'acme', subjectKey: `person-${person}` })

    expect(await proposed(setup)).toMatchObject({ n: 64, undecided: 10, threshold: 0.401 })
  })

  it('refuses items that were read without their text, erased ones aside', async () => {
    const { policy, queue } = await audited([asked, slice], texts(3, '0.4 0'))
    async function* bare() {
      yield* (await queue.list({ content: false })).items
    }
    const propose = () => proposeThresholds(policy, bare(), { ...GOAL, rule: 'asked' })

    await expect(propose()).rejects.toMatchObject({ code: 'PARAPET_CALIBRATION_TEXT_MISSING' })
    for (let person = 0; person < 3; person++)
      await queue.erase({ tenant: 'acme', subjectKey: `person-${person}` })
    expect(await propose()).toMatchObject([{ evidence: { n: 0, undecided: 3 } }])
  })

  it('takes no audit that another detector chose for a random one, but for one that takes everything', async () => {
    const chosen = when(other, 'bad').above(0.5).review(audit, { id: 'chosen' })
    const everything = when(other, 'bad').above(0).review(audit, { id: 'everything' })
    const asked = when(one, 'bad').above(0.1).flag({ id: 'asked' })
    const given = [...texts(40, '0.2 0.9'), ...texts(40, '0.2 0.1')]

    const by = async (rules: StageDefinition['rules']) => {
      const setup = await audited([asked, ...rules], given)
      await approve(setup.queue, ['0.2'])
      return proposed(setup)
    }

    expect(await by([chosen])).toMatchObject({ n: 0, undecided: 0, falsePositiveBound: 1 })
    expect(await by([chosen, everything])).toMatchObject({ n: 80 })
  })
})
