import { describe, expect, it } from '@jest/globals'
import { SCRIPTED_MESSAGE, SCRIPTED_WORDS, scriptedPolicy } from '@parapet/sdk/testing'
import { KEY, OTHER_KEY, serverUnderTest } from './server-under-test.ts'

type Json = Record<string, unknown>
const json = async (response: Response) => (await response.json()) as Json
const user = (content: string) => ({ role: 'user', content })

describe('POST /v1/check', () => {
  it('gives the decision that the guard gives', async () => {
    const { post, guard } = await serverUnderTest()
    const text = `a ${SCRIPTED_WORDS.secret} b`

    const answered = await json(await post('/v1/check', { stage: 'input', text }))
    const own = await guard.check({ stage: 'input', text, context: { tenant: 'acme' } })

    const { id: _, elapsedMs: __, ...rest } = own
    expect(answered).toMatchObject({ ...rest, text: 'a [cut] b' })
  })

  it('judges the last message behind the others', async () => {
    const { post, records } = await serverUnderTest()
    const body = {
      stage: 'output',
      messages: [user('hello'), { role: 'assistant', content: SCRIPTED_WORDS.block }],
    }

    const answered = await json(await post('/v1/check', body))

    expect(answered).toMatchObject({ verdict: 'block', reasons: [{ stage: 'output' }] })
    expect(records.decisions).toHaveLength(1)
  })

  it('acts on nothing: a hold is named and put on no queue', async () => {
    const { post, queue } = await serverUnderTest()

    const answered = await json(await post('/v1/check', { stage: 'input', text: SCRIPTED_WORDS.hold }))

    expect(answered).toMatchObject({ verdict: 'hold', hold: { otherwise: 'block' } })
    expect((await queue.list()).items).toEqual([])
  })

  it('shows verdict, edits and id, and no reason, where answers are so', async () => {
    const { post } = await serverUnderTest({ server: { answers: 'verdict' } })

    const answered = await json(await post('/v1/check', { stage: 'input', text: SCRIPTED_WORDS.secret }))

    expect(answered).toEqual({
      id: expect.any(String),
      verdict: 'allow',
      edits: [{ start: 0, end: 11, replacement: '[cut]' }],
      text: '[cut]',
    })
  })

  it('says of a policy in shadow mode what is enforced: nothing', async () => {
    const policy = scriptedPolicy({ policy: { mode: 'shadow' } })
    const shown = await serverUnderTest({ policy, server: { answers: 'verdict' } })
    const whole = await serverUnderTest({ policy })
    const question = { stage: 'input', text: SCRIPTED_WORDS.block }

    expect(await json(await shown.post('/v1/check', question))).toMatchObject({ verdict: 'allow', edits: [] })
    expect(await json(await whole.post('/v1/check', question))).toMatchObject({
      verdict: 'block',
      effective: 'allow',
    })
  })
})

describe('POST /v1/input', () => {
  it('gives the messages back as they may be sent', async () => {
    const { post } = await serverUnderTest()

    const answered = await json(await post('/v1/input', { messages: [user(`my ${SCRIPTED_WORDS.secret}`)] }))

    expect(answered).toMatchObject({
      kind: 'released',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'my [cut]' }] }],
    })
  })

  it('blocks with the message for end users', async () => {
    const { post } = await serverUnderTest()

    const answered = await json(await post('/v1/input', { messages: [user(SCRIPTED_WORDS.block)] }))

    expect(answered).toMatchObject({
      kind: 'blocked',
      message: SCRIPTED_MESSAGE,
      decision: { verdict: 'block' },
    })
  })

  it('holds, and goes on with the grant that the ticket became', async () => {
    const policy = scriptedPolicy({
      review: { mode: 'hold', withinMs: 60_000, waitMs: 0, otherwise: 'block' },
    })
    const { post, get, queue } = await serverUnderTest({ policy })
    const messages = [user(SCRIPTED_WORDS.hold)]

    const held = await json(await post('/v1/input', { messages, context: { requestId: 'r1' } }))
    const again = await json(await post('/v1/input', { messages, context: { requestId: 'r1' } }))
    const ticket = String(held['ticket'])
    const pending = await json(await get(`/v1/tickets/${ticket}`))
    const foreign = await get(`/v1/tickets/${ticket}`, { authorization: `Bearer ${OTHER_KEY}` })
    const claim = await queue.claim({ reviewer: 'ada' })
    await queue.decide({ id: ticket, token: claim?.token ?? '', outcome: 'approve', note: 'a note' })
    const granted = await json(await get(`/v1/tickets/${ticket}`))
    const released = await json(await post('/v1/input', { messages, grant: granted['grant'] }))
    const used = await post('/v1/input', { messages, grant: granted['grant'] })

    expect(held).toMatchObject({ kind: 'held', message: SCRIPTED_MESSAGE })
    expect(again['ticket']).toBe(ticket)
    expect(pending).toEqual({ kind: 'pending' })
    expect(foreign.status).toBe(404)
    expect(granted).toEqual({ kind: 'grant', grant: ticket })
    expect(released).toMatchObject({ kind: 'released' })
    expect(used.status).toBe(403)
    expect(await json(used)).toMatchObject({ error: { code: 'PARAPET_GRANT_REFUSED' } })
  })

  it('shows a server without keys no ticket of a tenant', async () => {
    const policy = scriptedPolicy({
      review: { mode: 'hold', withinMs: 60_000, waitMs: 0, otherwise: 'block' },
    })
    const { guard, get } = await serverUnderTest({ policy, server: { keys: [], allowKeyless: true } })
    const held = await guard
      .exchange({ messages: [{ role: 'user', content: SCRIPTED_WORDS.hold }], context: { tenant: 'acme' } })
      .input()

    const response = await get(`/v1/tickets/${held.kind === 'held' ? held.ticket : ''}`, {
      host: 'localhost',
    })

    expect(held.kind).toBe('held')
    expect(response.status).toBe(404)
  })
})

it('keeps what two callers ask at once apart', async () => {
  const { post, records } = await serverUnderTest()
  const ask = (key: string, text: string) =>
    post('/v1/check', { stage: 'input', text }, { authorization: `Bearer ${key}` }).then(json)

  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0 ? ask(KEY, SCRIPTED_WORDS.block) : ask(OTHER_KEY, 'fine'),
    ),
  )

  expect(answers.map(({ verdict }) => verdict)).toEqual(
    Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? 'block' : 'allow')),
  )
  const blocked = records.decisions.filter(({ decision }) => decision.verdict === 'block')
  expect(new Set(blocked.map(({ tenant }) => tenant))).toEqual(new Set(['acme']))
})
