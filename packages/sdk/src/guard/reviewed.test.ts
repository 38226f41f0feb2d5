import { describe, expect, it } from '@jest/globals'
import { contains, scripted } from '../../test/scripted.ts'
import {
  createGuard,
  definePolicy,
  type GuardOptions,
  memoryQueue,
  type RecordBody,
  type ReviewOptions,
  type ReviewOutcome,
  type ReviewQueue,
  type StageDefinition,
  when,
} from '../index.ts'

const DEFER: ReviewOptions = { mode: 'defer', withinMs: 60_000, otherwise: 'block' }
const user = (content: string) => [{ role: 'user' as const, content }]
const stage = (rules: StageDefinition['rules']): StageDefinition => ({
  rules,
  onError: 'block',
  onAbstain: 'flag',
  budgetMs: 200,
})

/** Holds what contains `maybe`, blocks an answer with `bad`, and redacts `number` in one. */
function reviewed(
  options: Partial<GuardOptions> & { readonly review?: ReviewOptions; readonly version?: string } = {},
) {
  const { review = DEFER, version = '1', queue = memoryQueue(), ...more } = options
  const holds = scripted(contains('maybe'))
  const blocks = scripted(contains('bad'), { id: 'blocks' })
  const redacts = scripted(
    ({ text }) => {
      const start = text.indexOf('number')
      const spans = start === -1 ? [] : [{ label: 'bad', start, end: start + 6 }]
      return { kind: 'scored', scores: { bad: spans.length }, spans }
    },
    { id: 'redacts', maxSpanCharacters: 6 },
  )
  const hold = () => when(holds, 'bad').above(0.5).review(review, { id: 'maybe' })
  const policy = definePolicy({
    id: 'p',
    version,
    input: stage([hold()]),
    output: stage([hold(), when(blocks, 'bad').above(0.5).block(), when(redacts, 'bad').found().redact()]),
  })
  return { queue, guard: createGuard({ policy, queue, ...more }) }
}

async function decide(queue: ReviewQueue, outcome: ReviewOutcome, answer?: string, reviewer = 'ada') {
  const claim = await queue.claim({ reviewer })
  if (!claim) throw new Error('nothing to decide')
  const { item, token } = claim
  await queue.decide({ id: item.id, token, outcome, ...(answer === undefined ? {} : { answer }) })
  return { item, token }
}

async function heldAnswer({ guard }: ReturnType<typeof reviewed>, text = 'maybe so', context = {}) {
  const outcome = await guard
    .exchange({ messages: user('hi'), context })
    .answer({ parts: [{ stage: 'output', text }] })
  if (outcome.ticket === undefined) throw new Error('not held')
  return outcome.ticket
}

async function heldInput({ guard }: ReturnType<typeof reviewed>, context = {}) {
  const passage = await guard.exchange({ messages: user('maybe'), context }).input()
  if (passage.kind !== 'held') throw new Error('not held')
  return passage.ticket
}

describe('what a reviewer writes', () => {
  it.each(['edit', 'answer'] as const)('is released in the place of the answer (%s)', async (outcome) => {
    const setup = reviewed()
    const ticket = await heldAnswer(setup)

    await decide(setup.queue, outcome, 'Kindly so.')

    const expected = { kind: 'answer', answer: { parts: [{ stage: 'output', text: 'Kindly so.' }] } }
    expect(await setup.guard.resume(ticket)).toMatchObject(expected)
    expect(await setup.guard.resume(ticket)).toMatchObject(expected)
  })

  it('is judged as the model’s answer would be: edited, or withheld', async () => {
    const setup = reviewed()
    const redacted = await heldAnswer(setup)
    await decide(setup.queue, 'edit', 'Call number one.')
    const blocked = await heldAnswer(setup, 'maybe so, again')
    await decide(setup.queue, 'edit', 'That is bad.')

    expect(await setup.guard.resume(redacted)).toMatchObject({
      kind: 'answer',
      answer: { parts: [{ text: 'Call [redacted] one.' }] },
    })
    expect(await setup.guard.resume(blocked)).toMatchObject({ kind: 'denied' })
  })

  it('is not held again: the review is what lifts a hold', async () => {
    const setup = reviewed()
    const ticket = await heldAnswer(setup)
    await decide(setup.queue, 'edit', 'maybe, I think')

    expect(await setup.guard.resume(ticket)).toMatchObject({ kind: 'answer' })
  })

  it('answers a held request without the model, and gives no leave to call it', async () => {
    const setup = reviewed()
    const ticket = await heldInput(setup)
    await decide(setup.queue, 'answer', 'We do not do that.')

    expect(await setup.guard.resume(ticket)).toMatchObject({
      kind: 'answer',
      answer: { parts: [{ text: 'We do not do that.' }] },
    })
    await expect(
      setup.guard.exchange({ messages: user('maybe'), grant: ticket }).input(),
    ).rejects.toMatchObject({ code: 'PARAPET_GRANT_REFUSED' })
  })

  it('comes by its ticket to a call that waits, and nothing of the model’s answer with it', async () => {
    const setup = reviewed({ review: { mode: 'hold', withinMs: 60_000, waitMs: 5_000, otherwise: 'block' } })
    const answering = setup.guard
      .exchange({ messages: user('hi') })
      .answer({ parts: [{ stage: 'output', text: 'maybe so' }] })
    while ((await setup.queue.count()).open === 0) await new Promise((resolve) => setTimeout(resolve, 2))

    await decide(setup.queue, 'edit', 'Kindly so.')

    const outcome = await answering
    expect(outcome).toMatchObject({ kind: 'held', parts: [undefined] })
    expect(await setup.guard.resume(outcome.ticket ?? '')).toMatchObject({ kind: 'answer' })
  })

  it('is on record as a decision of its own', async () => {
    const records: RecordBody[] = []
    const setup = reviewed({ records: { append: async (body) => void records.push(body) } })
    const ticket = await heldAnswer(setup)
    await decide(setup.queue, 'edit', 'That is bad.')

    await setup.guard.resume(ticket)

    expect(records.at(-1)).toMatchObject({
      kind: 'decision',
      decision: { verdict: 'block' },
      grant: { ticket },
    })
    expect(JSON.stringify(records)).not.toContain('That is')
  })
})

describe('a ticket', () => {
  it('is pending as long as the decision can be undone', async () => {
    const setup = reviewed({ routes: [{ team: 'day', undoMs: 60_000 }] })
    const ticket = await heldInput(setup)

    const { item, token } = await decide(setup.queue, 'approve')

    expect(await setup.guard.resume(ticket)).toMatchObject({ kind: 'pending', item: { state: 'decided' } })
    await setup.queue.undo({ id: item.id, token })
    expect(await setup.guard.resume(ticket)).toMatchObject({ kind: 'pending', item: { state: 'open' } })
  })

  it('leads to the appeal against what it stood for', async () => {
    const setup = reviewed()
    const ticket = await heldAnswer(setup)
    await decide(setup.queue, 'reject')
    expect(await setup.guard.resume(ticket)).toMatchObject({ kind: 'denied' })

    const { token } = await setup.queue.offerAppeal({ id: ticket })
    await setup.queue.appeal({ token, statement: 'I meant the other thing.' })

    expect(await setup.guard.resume(ticket)).toMatchObject({ kind: 'pending' })
    await decide(setup.queue, 'approve', undefined, 'bob')
    expect(await setup.guard.resume(ticket)).toMatchObject({
      kind: 'answer',
      answer: { parts: [{ text: 'maybe so' }] },
    })
  })

  it.each([
    ['forged', 'a0000000-0000-7000-8000-000000000000'],
    ['no id at all', '../../etc/passwd'],
    ['empty', ''],
    ['very long', 'x'.repeat(100_000)],
    ['not text', 7 as unknown as string],
    ['text with a line break', 'a\nb'],
  ])('that is %s is unknown', async (_, ticket) => {
    await expect(reviewed().guard.resume(ticket)).rejects.toMatchObject({ code: 'PARAPET_TICKET_UNKNOWN' })
  })

  it('of another tenant or another person is unknown, and so is an audit’s', async () => {
    const setup = reviewed({ review: DEFER })
    const ticket = await heldInput(setup, { tenant: 'acme', subjectKey: 'one' })
    const audits = reviewed({ review: { mode: 'audit' } })
    await audits.guard.exchange({ messages: user('maybe') }).input()
    const { items } = await audits.queue.list()

    for (const context of [{ tenant: 'globex' }, { tenant: 'acme', subjectKey: 'two' }])
      await expect(setup.guard.resume(ticket, context)).rejects.toMatchObject({
        code: 'PARAPET_TICKET_UNKNOWN',
      })
    expect(await setup.guard.resume(ticket, { tenant: 'acme', subjectKey: 'one' })).toMatchObject({
      kind: 'pending',
    })
    await expect(audits.guard.resume(items[0]?.id ?? '')).rejects.toMatchObject({
      code: 'PARAPET_TICKET_UNKNOWN',
    })
  })

  it('whose text is gone says so, when it was approved', async () => {
    const setup = reviewed()
    const ticket = await heldAnswer(setup, 'maybe so', { tenant: 'acme', subjectKey: 'one' })
    await decide(setup.queue, 'approve')

    await setup.queue.erase({ tenant: 'acme', subjectKey: 'one' })

    await expect(setup.guard.resume(ticket)).rejects.toMatchObject({ code: 'PARAPET_TICKET_EXPIRED' })
  })
})

describe('a grant', () => {
  it('is nobody else’s, though they say the same', async () => {
    const setup = reviewed()
    const context = { tenant: 'acme', subjectKey: 'one' }
    const grant = await heldInput(setup, context)
    await decide(setup.queue, 'approve')
    const call = (of: object) => setup.guard.exchange({ messages: user('maybe'), context: of, grant }).input()

    for (const of of [
      { ...context, subjectKey: 'two' },
      { tenant: 'acme' },
      { ...context, tenant: 'globex' },
    ])
      await expect(call(of)).rejects.toMatchObject({ code: 'PARAPET_GRANT_REFUSED' })
    expect(await call(context)).toMatchObject({ kind: 'released' })
  })

  it('of a policy lifts no hold of another that has its id', async () => {
    const one = reviewed()
    const other = reviewed({ queue: one.queue, review: { ...DEFER, withinMs: 50_000 } })
    const grant = await heldInput(one)
    await decide(one.queue, 'approve')

    expect(one.guard.policy.document.id).toBe(other.guard.policy.document.id)
    await expect(other.guard.exchange({ messages: user('maybe'), grant }).input()).rejects.toMatchObject({
      code: 'PARAPET_GRANT_REFUSED',
    })
    await expect(other.guard.resume(grant)).rejects.toMatchObject({ code: 'PARAPET_GRANT_REFUSED' })
    expect((await one.queue.get(grant))?.policy).toMatchObject({ policyHash: one.guard.policy.policyHash })
  })
})

describe('a retry under the same requestId', () => {
  const context = { requestId: 'r' }

  it('of a request that was approved goes through once, and is refused by code after that', async () => {
    const setup = reviewed()
    await heldInput(setup, context)
    await decide(setup.queue, 'approve')
    const retry = () => setup.guard.exchange({ messages: user('maybe'), context }).input()

    expect(await retry()).toMatchObject({ kind: 'released' })
    await expect(retry()).rejects.toMatchObject({ code: 'PARAPET_GRANT_REFUSED' })
  })

  it('of an answer that was approved gives its ticket once it went out', async () => {
    const setup = reviewed()
    const ticket = await heldAnswer(setup, 'maybe so', context)
    await decide(setup.queue, 'approve')
    const retry = () =>
      setup.guard
        .exchange({ messages: user('hi'), context })
        .answer({ parts: [{ stage: 'output', text: 'maybe so' }] })

    expect(await retry()).toMatchObject({ kind: 'released' })
    expect(await retry()).toMatchObject({ kind: 'held', ticket })
    expect(await setup.guard.resume(ticket)).toMatchObject({ kind: 'answer' })
  })

  it('of a request that was rejected stays blocked', async () => {
    const setup = reviewed()
    await heldInput(setup, context)
    await decide(setup.queue, 'reject')

    const passage = await setup.guard.exchange({ messages: user('maybe'), context }).input()

    expect(passage.kind).toBe('blocked')
  })
})

describe('routes', () => {
  it('say who reviews an item, how soon, how often and what then', async () => {
    const setup = reviewed({
      routes: [
        { team: 'german', when: { languages: ['de'] } },
        {
          team: 'safety',
          when: { rules: ['maybe'], tenants: ['acme'] },
          priority: 7,
          withinMs: 1_000,
          opinions: 2,
          escalation: { afterMs: 500, team: 'leads' },
        },
      ],
    })
    const german = 'maybe: Ich möchte bitte wissen, wann das Geschäft morgen öffnet und wo es liegt.'
    await setup.guard.exchange({ messages: user(german) }).input()
    const ticket = await heldInput(setup, { tenant: 'acme' })
    const plain = await heldInput(setup, { tenant: 'globex' })

    const item = await setup.queue.get(ticket)
    expect(item).toMatchObject({ team: 'safety', priority: 7, opinions: 2 })
    expect((item?.deadlineAt ?? 0) - (item?.createdAt ?? 0)).toBeLessThanOrEqual(1_000)
    expect(item?.escalation).toMatchObject({ team: 'leads' })
    expect(await setup.queue.get(plain)).toMatchObject({ team: 'default', priority: 0, opinions: 1 })
    expect((await setup.queue.list({ team: 'german' })).items).toMatchObject([{ language: 'de' }])
  })

  it('that are malformed fail when the guard is made', () => {
    expect(() => reviewed({ routes: [{ team: 'no team at all' }] })).toThrow(
      expect.objectContaining({ code: 'PARAPET_GUARD_OPTIONS' }),
    )
  })
})

describe('an audit', () => {
  it('of a share takes that share, and says with which probability', async () => {
    const setup = reviewed({ review: { mode: 'audit', sampleRate: 0.25 } })
    for (let turn = 0; turn < 200; turn++) {
      const passage = await setup.guard.exchange({ messages: user(`maybe ${turn}`) }).input()
      expect(passage.kind).toBe('released')
    }

    const { items } = await setup.queue.list({ limit: 500 })
    expect(items.length).toBeGreaterThan(20)
    expect(items.length).toBeLessThan(90)
    expect(new Set(items.map(({ kind, probability }) => `${kind} ${probability}`))).toEqual(
      new Set(['audit 0.25']),
    )
  })

  it('takes what was blocked, too', async () => {
    const setup = reviewed({ review: { mode: 'audit' } })

    const outcome = await setup.guard
      .exchange({ messages: user('hi') })
      .answer({ parts: [{ stage: 'output', text: 'maybe bad' }] })

    expect(outcome.kind).toBe('blocked')
    expect((await setup.queue.list()).items).toMatchObject([{ kind: 'audit', probability: 1 }])
  })
})

describe('the random slice', () => {
  const scores = (texts: Readonly<Record<string, number>>) =>
    scripted(({ text }) => ({
      kind: 'scored',
      scores: { bad: texts[text.split(' ')[0] ?? ''] ?? 0 },
    }))

  /** Holds from .5 on, blocks from .8 on, and audits whatever is asked. */
  function sliced(at: 'input' | 'output', review: ReviewOptions) {
    const queue = memoryQueue()
    const detector = scores({ held: 0.6, blocked: 0.9 })
    const asked = stage([
      when(detector, 'bad').above(0.5).review(review, { id: 'hold' }),
      when(detector, 'bad').above(0.8).block({ id: 'block' }),
      when(detector, 'bad').above(0).review({ mode: 'audit' }, { id: 'slice' }),
    ])
    const policy = definePolicy({ id: 'p', version: '1', input: stage([]), output: stage([]), [at]: asked })
    const guard = createGuard({ policy, queue })
    const ask = async (text: string, context = {}) => {
      if (at === 'input') return (await guard.exchange({ messages: user(text), context }).input()).kind
      const exchange = guard.exchange({ messages: user('hi'), context })
      return (await exchange.answer({ parts: [{ stage: 'output', text }] })).kind
    }
    return { queue, guard, ask }
  }

  const HOLD: ReviewOptions = { mode: 'hold', withinMs: 60_000, waitMs: 1, otherwise: 'block' }

  it.each([
    ['output', 'defer', DEFER, {}],
    ['output', 'hold', HOLD, {}],
    ['output', 'defer', DEFER, { requestId: 'r' }],
    ['input', 'defer', DEFER, {}],
    ['input', 'hold', HOLD, {}],
    ['input', 'defer', DEFER, { requestId: 'r' }],
  ] as const)('takes what is held, once (%s, %s)', async (at, _, review, context) => {
    const { queue, ask } = sliced(at, review)

    expect(await ask('held', context)).toBe('held')

    const { items } = await queue.list()
    expect(items.map(({ kind }) => kind).sort()).toEqual(['audit', at])
  })

  it.each(['input', 'output'] as const)('leaves out nothing of %s', async (at) => {
    const { queue, ask } = sliced(at, DEFER)

    const kinds: string[] = []
    for (const text of ['held', 'blocked', 'allowed'])
      for (const number of [1, 2]) kinds.push(await ask(`${text} ${number}`))

    expect(kinds).toEqual(['held', 'held', 'blocked', 'blocked', 'released', 'released'])
    const { items } = await queue.list({ kind: 'audit' })
    expect(items).toHaveLength(6)
  })

  it('does not take a held request again when it comes with its grant', async () => {
    const { queue, guard, ask } = sliced('input', DEFER)
    await ask('held')
    const held = (await queue.list({ kind: 'input' })).items[0]
    const claim = await queue.claim({ reviewer: 'ada', id: held?.id ?? '' })
    await queue.decide({ id: held?.id ?? '', token: claim?.token ?? '', outcome: 'approve' })

    const passage = await guard.exchange({ messages: user('held'), grant: held?.id ?? '' }).input()

    expect(passage.kind).toBe('released')
    expect((await queue.list({ kind: 'audit' })).items).toHaveLength(1)
  })
})

describe('retention', () => {
  it('is the tenant’s own where one is stated, of items and of records', async () => {
    const day = 86_400_000
    const records: RecordBody[] = []
    const setup = reviewed({
      retentionMs: 30 * day,
      retentionMsOfTenants: { acme: day },
      records: { append: async (body) => void records.push(body) },
    })
    const tickets = [
      await heldInput(setup, { tenant: 'acme' }),
      await heldInput(setup, { tenant: 'constructor' }),
    ]

    const items = await Promise.all(tickets.map((ticket) => setup.queue.get(ticket)))
    const days = (expiresAt = 0) => Math.round((expiresAt - Date.now()) / day)
    expect(items.map((item) => days(item?.expiresAt))).toEqual([1, 30])
    const recorded = records.flatMap((body) => (body.kind === 'decision' ? [days(body.expiresAt)] : []))
    expect(recorded).toEqual([1, 30])
  })
})
