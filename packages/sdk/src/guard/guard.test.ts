import { describe, expect, it } from '@jest/globals'
import { contains, type Script, scripted } from '../../test/scripted.ts'
import {
  createGuard,
  type Detector,
  definePolicy,
  memoryQueue,
  type RecordBody,
  type ReviewOptions,
  type StageDefinition,
  when,
} from '../index.ts'

const stage = (rules: StageDefinition['rules'], more: Partial<StageDefinition> = {}): StageDefinition => ({
  rules,
  onError: 'block',
  onAbstain: 'flag',
  budgetMs: 200,
  ...more,
})
const blocking = (detector: Detector<'bad'>) => when(detector, 'bad').above(0.5).block()
const inputGuard = (detector: Detector<'bad'>, more: Partial<StageDefinition> = {}) =>
  createGuard({ policy: definePolicy({ id: 'p', version: '1', input: stage([blocking(detector)], more) }) })
const user = (content: string) => [{ role: 'user' as const, content }]

const FAULTS: readonly (readonly [string, Script, string])[] = [
  [
    'throws',
    () => {
      throw new Error('secret-canary')
    },
    'PARAPET_DETECTOR_FAILED',
  ],
  ['rejects with nothing', () => Promise.reject(), 'PARAPET_DETECTOR_FAILED'],
  ['hangs and ignores its signal', () => new Promise(() => {}), 'PARAPET_DETECTOR_TIMEOUT'],
  ['gives NaN', () => ({ kind: 'scored', scores: { bad: Number.NaN } }), 'PARAPET_DETECTOR_INVALID'],
  ['gives a score over 1', () => ({ kind: 'scored', scores: { bad: 1.01 } }), 'PARAPET_DETECTOR_INVALID'],
  ['gives a score under 0', () => ({ kind: 'scored', scores: { bad: -0.01 } }), 'PARAPET_DETECTOR_INVALID'],
  ['leaves its label out', () => ({ kind: 'scored', scores: {} }), 'PARAPET_DETECTOR_INVALID'],
  ['gives a score as text', () => ({ kind: 'scored', scores: { bad: '0' } }), 'PARAPET_DETECTOR_INVALID'],
  [
    'gives a span outside the text',
    () => ({ kind: 'scored', scores: { bad: 0 }, spans: [{ label: 'bad', start: 0, end: 99 }] }),
    'PARAPET_DETECTOR_INVALID',
  ],
  ['gives nothing', () => undefined, 'PARAPET_DETECTOR_INVALID'],
  [
    'abstains for a reason of its own',
    () => ({ kind: 'abstained', reason: 'tired' }),
    'PARAPET_DETECTOR_INVALID',
  ],
  [
    'is overloaded',
    () => ({ kind: 'failed', code: 'PARAPET_RUNTIME_OVERLOADED' }),
    'PARAPET_RUNTIME_OVERLOADED',
  ],
]

describe('a detector’s fault', () => {
  it.each(FAULTS)('gives onError when it %s', async (_, script, code) => {
    const decision = await inputGuard(scripted(script)).check({ stage: 'input', text: 'hello' })

    expect(decision.verdict).toBe('block')
    expect(decision.reasons).toMatchObject([{ kind: 'failed', code, action: 'block' }])
    expect(JSON.stringify(decision)).not.toContain('canary')
  })

  it('is tried again: a fault is not remembered', async () => {
    let faulty = true
    const detector = scripted(() => {
      if (faulty) throw new Error('once')
      return { kind: 'scored', scores: { bad: 0 } }
    })
    const guard = inputGuard(detector)

    const first = await guard.check({ stage: 'input', text: 'hello' })
    faulty = false
    const second = await guard.check({ stage: 'input', text: 'hello' })

    expect([first.verdict, second.verdict]).toEqual(['block', 'allow'])
  })

  it('gives onError when the detector cannot be loaded, and warm says why', async () => {
    const guard = inputGuard({
      ...scripted(contains('x')),
      load: () => Promise.reject(new Error('no weights')),
    })

    await expect(guard.warm()).rejects.toMatchObject({ code: 'PARAPET_GUARD_LOAD_FAILED' })
    expect((await guard.check({ stage: 'input', text: 'hello' })).verdict).toBe('block')
  })
})

describe('coverage', () => {
  it('turns what is too long, or an image, into onAbstain', async () => {
    const guard = inputGuard(scripted(contains('x')), { onAbstain: 'block' })

    const long = await guard.check({ stage: 'input', text: 'a'.repeat(1_001) })
    const image = await guard
      .exchange({ messages: [{ role: 'user', content: [{ type: 'media', mediaType: 'image/png' }] }] })
      .input()

    expect(long).toMatchObject({ verdict: 'block', reasons: [{ kind: 'abstained', reason: 'length' }] })
    expect(image).toMatchObject({
      kind: 'blocked',
      decision: { reasons: [{ kind: 'abstained', reason: 'modality' }] },
    })
  })

  it('turns a text in another language into onAbstain and keeps the scores', async () => {
    const detector = scripted(contains('x'), {
      coverage: { stages: ['input'], languages: ['en'], maxCharacters: 1_000 },
    })
    const bodies: RecordBody[] = []
    const guard = createGuard({
      policy: definePolicy({ id: 'p', version: '1', input: stage([blocking(detector)]) }),
      records: { append: async (body) => void bodies.push(body) },
    })

    const text =
      'Könnten Sie mir bitte sagen, wann die Bibliothek am Samstag geöffnet ist und ob man dort Bücher ausleihen kann?'
    const decision = await guard.check({ stage: 'input', text })

    expect(decision.duties).toEqual([{ kind: 'flag', rule: 'onAbstain' }])
    expect(bodies).toMatchObject([
      { parts: [{ outcomes: { scripted: { kind: 'abstained', reason: 'language', scores: { bad: 0 } } } }] },
    ])
  })

  it('blocks a request that is longer than the policy allows, without asking anything', async () => {
    const detector = scripted(contains('x'))
    const guard = createGuard({
      policy: definePolicy({
        id: 'p',
        version: '1',
        input: stage([blocking(detector)]),
        limits: { maxCharacters: 10 },
      }),
    })

    const passage = await guard.exchange({ messages: user('12345678901') }).input()

    expect(passage).toMatchObject({
      kind: 'blocked',
      decision: { reasons: [{ code: 'PARAPET_LIMIT_CHARACTERS' }] },
    })
    expect(detector.asked).toEqual([])
  })

  it('allows empty text: there is nothing to judge', async () => {
    const detector = scripted(contains('x'))

    expect((await inputGuard(detector).check({ stage: 'input', text: '' })).verdict).toBe('allow')
    expect(detector.asked).toEqual([])
  })
})

describe('a request', () => {
  it('is judged in every part: each message, tool results, and the history a caller sent', async () => {
    const input = scripted(contains('bad'), { id: 'in' })
    const output = scripted(contains('bad'), { id: 'out' })
    const guard = createGuard({
      policy: definePolicy({
        id: 'p',
        version: '1',
        input: stage([blocking(input)]),
        output: stage([blocking(output)]),
      }),
    })

    await guard
      .exchange({
        messages: [
          { role: 'system', content: 'be nice' },
          { role: 'user', content: 'one' },
          {
            role: 'assistant',
            content: [
              { type: 'text', text: 'two' },
              { type: 'tool-call', toolCallId: '1', toolName: 't', input: '{"q":"three"}' },
            ],
          },
          {
            role: 'tool',
            content: [{ type: 'tool-result', toolCallId: '1', toolName: 't', output: 'four', json: false }],
          },
          { role: 'user', content: 'five' },
        ],
      })
      .input()

    expect([...input.asked].sort()).toEqual(['five', 'four', 'one'])
    expect([...output.asked].sort()).toEqual(['q\nthree', 'two'])
  })

  it('is not judged again for what was judged before', async () => {
    const detector = scripted(contains('bad'))
    const guard = inputGuard(detector)
    const turns = [...user('one'), { role: 'assistant' as const, content: 'answer' }]

    await guard.exchange({ messages: turns.slice(0, 1) }).input()
    await guard.exchange({ messages: [...turns, ...user('two')] }).input()

    expect(detector.asked).toEqual(['one', 'two'])
  })

  it('keeps what one tenant had judged from another', async () => {
    const detector = scripted(contains('bad'))
    const guard = inputGuard(detector)

    for (const tenant of ['a', 'b', 'a'])
      await guard.check({ stage: 'input', text: 'same', context: { tenant } })

    expect(detector.asked).toEqual(['same', 'same'])
  })

  it('gives a detector the end of the conversation, bounded by what it asked for', async () => {
    const conversations: unknown[] = []
    const detector = scripted(
      ({ conversation }) => {
        conversations.push(conversation)
        return { kind: 'scored', scores: { bad: 0 } }
      },
      { contextCharacters: 5 },
    )

    await inputGuard(detector)
      .exchange({ messages: [...user('0123456789'), ...user('last')] })
      .input()

    expect(conversations).toContainEqual([{ role: 'user', parts: [{ type: 'text', text: '56789' }] }])
  })

  it('goes on with the edits made in it', async () => {
    const detector = scripted(
      ({ text }) => ({
        kind: 'scored',
        scores: { bad: 1 },
        spans: [{ label: 'bad', start: text.indexOf('key'), end: text.indexOf('key') + 3 }],
      }),
      { maxSpanCharacters: 3 },
    )
    const guard = createGuard({
      policy: definePolicy({ id: 'p', version: '1', input: stage([when(detector).found().redact()]) }),
    })

    const passage = await guard.exchange({ messages: user('my ke\u200by here') }).input()

    expect(passage).toMatchObject({
      kind: 'released',
      content: [{ parts: [{ text: 'my [redacted] here' }] }],
    })
  })
})

describe('the cascade', () => {
  it('asks cheap detectors first, and skips what can change nothing any more', async () => {
    const cheap = scripted(contains('bad'), { id: 'cheap', tier: 'pattern' })
    const dear = scripted(contains('bad'), { id: 'dear', tier: 'model' })
    const bodies: RecordBody[] = []
    const guard = createGuard({
      policy: definePolicy({
        id: 'p',
        version: '1',
        input: stage([blocking(dear), blocking(cheap)], { onAbstain: 'block' }),
      }),
      records: { append: async (body) => void bodies.push(body) },
    })

    await guard.check({ stage: 'input', text: 'bad' })
    await guard.check({ stage: 'input', text: 'good' })

    expect(dear.asked).toEqual(['good'])
    expect(bodies[0]).toMatchObject({ parts: [{ outcomes: { dear: { kind: 'skipped' } } }] })
  })

  it('skips nothing that could still add a duty', async () => {
    const cheap = scripted(contains('bad'), { id: 'cheap', tier: 'pattern' })
    const dear = scripted(contains('bad'), { id: 'dear', tier: 'model' })
    const guard = createGuard({
      policy: definePolicy({
        id: 'p',
        version: '1',
        input: stage([when(dear, 'bad').above(0.5).flag(), blocking(cheap)], { onAbstain: 'block' }),
      }),
    })

    const decision = await guard.check({ stage: 'input', text: 'bad' })

    expect(dear.asked).toEqual(['bad'])
    expect(decision.duties).toHaveLength(1)
  })

  it('asks each detector once, however many rules read it', async () => {
    const detector = scripted(contains('bad'))
    const guard = createGuard({
      policy: definePolicy({
        id: 'p',
        version: '1',
        input: stage([
          blocking(detector),
          when(detector, 'bad').above(0.2).flag(),
          when(detector, 'bad').above(0.9).flag(),
        ]),
      }),
    })

    await guard.check({ stage: 'input', text: 'bad' })

    expect(detector.asked).toEqual(['bad'])
  })
})

describe('a hold', () => {
  const review: ReviewOptions = { mode: 'hold', withinMs: 60_000, waitMs: 2_000, otherwise: 'block' }
  const holding = (options: ReviewOptions) => {
    const queue = memoryQueue()
    const detector = scripted(contains('maybe'))
    const policy = definePolicy({
      id: 'p',
      version: '1',
      input: stage([when(detector, 'bad').above(0.5).review(options)]),
      output: stage([when(detector, 'bad').above(0.5).review(options)]),
    })
    return { queue, guard: createGuard({ policy, queue }) }
  }
  const decideNext = async (queue: ReturnType<typeof memoryQueue>, outcome: 'approve' | 'reject') => {
    for (;;) {
      const claim = await queue.claim({ reviewer: 'ada' })
      if (claim) return queue.decide({ id: claim.item.id, token: claim.token, outcome })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  it('waits, and goes on when a person approves', async () => {
    const { queue, guard } = holding(review)

    const [passage] = await Promise.all([
      guard.exchange({ messages: user('maybe') }).input(),
      decideNext(queue, 'approve'),
    ])

    expect(passage).toMatchObject({ kind: 'released', decision: { verdict: 'allow' } })
  })

  it('blocks when a person rejects, and says nothing of why', async () => {
    const { queue, guard } = holding(review)

    const [passage] = await Promise.all([
      guard.exchange({ messages: user('maybe') }).input(),
      decideNext(queue, 'reject'),
    ])

    expect(passage).toMatchObject({ kind: 'blocked', message: 'Sorry, I can’t help with that here.' })
  })

  it('becomes what the policy says when nobody decides in time', async () => {
    const run = async (otherwise: 'allow' | 'block') => {
      const { guard } = holding({ mode: 'hold', withinMs: 30, otherwise })
      return (await guard.exchange({ messages: user('maybe') }).input()).kind
    }

    expect([await run('allow'), await run('block')]).toEqual(['released', 'blocked'])
  })

  it('gives the ticket when the wait itself fails: a retry finds the same review', async () => {
    const { queue, guard } = holding(review)
    const lost = Object.assign(new Error('connection lost'), { code: 'PARAPET_QUEUE_DISCONNECTED' })
    queue.wait = () => Promise.reject(lost)
    const exchange = () => guard.exchange({ messages: user('hello'), context: { requestId: 'r-1' } })
    const answer = { parts: [{ stage: 'output' as const, text: 'maybe' }] }

    const first = await exchange().answer(answer)
    const again = await exchange().answer(answer)

    const [item] = (await queue.list()).items
    expect(first).toMatchObject({ kind: 'held', ticket: item?.id })
    expect(again).toMatchObject({ kind: 'held', ticket: item?.id })
    expect((await queue.count()).open).toBe(1)
  })

  it('rejects when the caller goes away, and keeps the review', async () => {
    const { queue, guard } = holding(review)
    const caller = new AbortController()
    const { wait } = queue
    queue.wait = (...of) => {
      setImmediate(() => caller.abort())
      return wait.apply(queue, of)
    }

    const passage = guard.exchange({ messages: user('maybe'), signal: caller.signal }).input()

    await expect(passage).rejects.toThrow()
    expect((await queue.count()).open).toBe(1)
  })

  it('gives a ticket, whose grant lifts the hold once, for the same content alone', async () => {
    const { queue, guard } = holding({ mode: 'defer', withinMs: 60_000, otherwise: 'block' })
    const held = await guard.exchange({ messages: user('maybe') }).input()
    if (held.kind !== 'held') throw new Error('not held')
    expect(await guard.resume(held.ticket)).toMatchObject({ kind: 'pending' })

    await decideNext(queue, 'approve')
    const resumed = await guard.resume(held.ticket)
    if (resumed.kind !== 'grant') throw new Error('no grant')
    const call = (content: string) =>
      guard.exchange({ messages: user(content), grant: resumed.grant }).input()

    await expect(call('maybe not')).rejects.toMatchObject({ code: 'PARAPET_GRANT_REFUSED' })
    expect(await call('maybe')).toMatchObject({ kind: 'released' })
    await expect(call('maybe')).rejects.toMatchObject({ code: 'PARAPET_GRANT_REFUSED' })
  })

  it('keeps a held answer, and gives it back as often as it is asked for once it is approved', async () => {
    const { queue, guard } = holding({ mode: 'defer', withinMs: 60_000, otherwise: 'block' })
    const outcome = await guard
      .exchange({ messages: user('hi') })
      .answer({ parts: [{ stage: 'output', text: 'maybe so' }] })
    if (outcome.kind !== 'held' || outcome.ticket === undefined) throw new Error('not held')
    expect(outcome.parts).toEqual([undefined])

    await decideNext(queue, 'approve')

    const expected = { kind: 'answer', answer: { parts: [{ stage: 'output', text: 'maybe so' }] } }
    expect(await guard.resume(outcome.ticket)).toMatchObject(expected)
    expect(await guard.resume(outcome.ticket)).toMatchObject(expected)
  })

  it('opens one review for a request that is retried under the same id', async () => {
    const { queue, guard } = holding({ mode: 'defer', withinMs: 60_000, otherwise: 'block' })
    const call = () => guard.exchange({ messages: user('maybe'), context: { requestId: 'r1' } }).input()

    const [one, two] = [await call(), await call()]

    expect(one.kind === 'held' && two.kind === 'held' && one.ticket === two.ticket).toBe(true)
    expect((await queue.count()).open).toBe(1)
  })

  it('does not let a grant lift a block', async () => {
    const queue = memoryQueue()
    const policy = definePolicy({
      id: 'p',
      version: '1',
      input: stage([
        when(scripted(contains('maybe')), 'bad')
          .above(0.5)
          .review({ mode: 'hold', withinMs: 60_000, otherwise: 'allow' }),
        blocking(scripted(contains('worse'), { id: 'other' })),
      ]),
    })

    const passage = await createGuard({ policy, queue })
      .exchange({ messages: user('maybe worse') })
      .input()

    expect(passage.kind).toBe('blocked')
    expect((await queue.count()).open).toBe(0)
  })

  it('needs a queue, and says so when the guard is made', () => {
    const policy = definePolicy({
      id: 'p',
      version: '1',
      input: stage([
        when(scripted(contains('x')), 'bad')
          .above(0.5)
          .review(review),
      ]),
    })

    expect(() => createGuard({ policy })).toThrow(
      expect.objectContaining({ code: 'PARAPET_GUARD_QUEUE_MISSING' }),
    )
  })
})

describe('shadow mode', () => {
  it('says what it would have done and changes nothing', async () => {
    const detector = scripted(contains('bad'))
    const policy = definePolicy({
      id: 'p',
      version: '1',
      mode: 'shadow',
      input: stage([blocking(detector)]),
      output: stage([blocking(detector)]),
    })
    const guard = createGuard({ policy })
    const exchange = guard.exchange({ messages: user('bad') })

    const passage = await exchange.input()
    const answer = await exchange.answer({ parts: [{ stage: 'output', text: 'bad too' }] })

    expect(passage).toMatchObject({ kind: 'released', decision: { verdict: 'block', effective: 'allow' } })
    expect(answer).toMatchObject({
      kind: 'released',
      parts: ['bad too'],
      decision: { verdict: 'block', effective: 'allow' },
    })
  })
})

describe('a tool call', () => {
  it('is read behind its escapes by check, too', async () => {
    const guard = inputGuard(scripted(contains('bad')))
    const text = '{"a":"b\\u0061d"}'

    const plain = await guard.check({ stage: 'input', text })
    const decoded = await guard.check({ stage: 'input', text, json: true })

    expect([plain.verdict, decoded.verdict]).toEqual(['allow', 'block'])
  })

  it('is judged by its decoded arguments, and stays JSON when something is cut out of it', async () => {
    const detector = scripted(
      ({ text }) => ({
        kind: 'scored',
        scores: { bad: text.includes('key') ? 1 : 0 },
        spans: [...text.matchAll(/key/g)].map(({ index }) => ({
          label: 'bad',
          start: index,
          end: index + 3,
        })),
      }),
      { maxSpanCharacters: 3 },
    )
    const guard = createGuard({
      policy: definePolicy({ id: 'p', version: '1', output: stage([when(detector).found().redact()]) }),
    })

    const outcome = await guard
      .exchange({ messages: [] })
      .answer({ parts: [{ stage: 'toolCall', toolName: 't', text: '{"a":"my \\u006bey"}', json: true }] })
    const keyCut = await guard
      .exchange({ messages: [] })
      .answer({ parts: [{ stage: 'toolCall', toolName: 't', text: '{"key":1}', json: true }] })

    expect(outcome).toMatchObject({ kind: 'released', parts: ['{"a":"my [redacted]"}'] })
    expect(keyCut).toMatchObject({
      kind: 'blocked',
      parts: [undefined],
      decision: {
        reasons: expect.arrayContaining([expect.objectContaining({ code: 'PARAPET_GATE_EDIT_IMPOSSIBLE' })]),
      },
    })
  })
})

describe('what cannot be judged', () => {
  const guard = () => inputGuard(scripted(contains('bad')))
  const REQUESTS: readonly (readonly [string, unknown])[] = [
    ['an unknown role', [{ role: 'developer', content: 'bad' }]],
    ['a role in capitals', [{ role: 'User', content: 'bad' }]],
    ['an unknown part', [{ role: 'user', content: [{ type: 'input_text', text: 'bad' }] }]],
    ['a part without its text', [{ role: 'user', content: [{ type: 'text' }] }]],
    ['a message without content', [{ role: 'user' }]],
    ['no list at all', 'bad'],
  ]
  it.each(REQUESTS)('is refused: %s', (_, messages) => {
    expect(() => guard().exchange({ messages: messages as never })).toThrow(
      expect.objectContaining({ code: 'PARAPET_CONTEXT_INVALID' }),
    )
  })

  it('is refused: an unknown stage, in check and at the gate', async () => {
    const gate = guard().exchange({ messages: [] }).gate()

    await expect(guard().check({ stage: 'Input' as never, text: 'bad' })).rejects.toMatchObject({
      code: 'PARAPET_CONTEXT_INVALID',
    })
    await expect(gate.push('a', 'tool' as never, 'bad')).rejects.toMatchObject({
      code: 'PARAPET_CONTEXT_INVALID',
    })
    await expect(
      guard()
        .exchange({ messages: [] })
        .gate()
        .pushPart('a', { stage: 'outputs', text: 'bad' } as never),
    ).rejects.toMatchObject({ code: 'PARAPET_CONTEXT_INVALID' })
  })

  it.each([0, -1, Number.NaN, 1.5])(
    'is no excuse for a guard made with a concurrency of %s',
    (concurrency) => {
      const policy = definePolicy({
        id: 'p',
        version: '1',
        input: stage([blocking(scripted(contains('bad')))]),
      })

      expect(() => createGuard({ policy, concurrency })).toThrow(
        expect.objectContaining({ code: 'PARAPET_GUARD_OPTIONS' }),
      )
    },
  )

  it('is not made by an option that is undefined, and an unknown one is an error', async () => {
    const policy = definePolicy({
      id: 'p',
      version: '1',
      input: stage([blocking(scripted(contains('bad')))]),
    })
    const made = createGuard({ policy, concurrency: undefined, retentionMs: undefined } as never)

    expect(await made.exchange({ messages: user('bad') }).input()).toMatchObject({ kind: 'blocked' })
    expect(() => createGuard({ policy, shadow: true } as never)).toThrow(
      expect.objectContaining({ code: 'PARAPET_GUARD_OPTIONS' }),
    )
  })

  it('hides neither behind deep nesting nor behind a missing end', async () => {
    const detector = scripted(contains('bad'), {
      coverage: { stages: ['toolCall', 'output', 'reasoning'], languages: 'any', maxCharacters: 100_000 },
    })
    const made = createGuard({
      policy: definePolicy({ id: 'p', version: '1', output: stage([blocking(detector)]) }),
    })
    const escaped = '"b\\u0061d"'
    const judge = (text: string) =>
      made
        .exchange({ messages: [] })
        .answer({ parts: [{ stage: 'toolCall', toolName: 't', text, json: true }] })

    expect(await judge(`${'['.repeat(5_000)}${escaped}${']'.repeat(5_000)}`)).toMatchObject({
      kind: 'blocked',
    })
    expect(await judge(`{"a":${escaped},"b":"x`)).toMatchObject({ kind: 'blocked' })
    expect(await judge(`{"a":"good","b":"x`)).toMatchObject({
      kind: 'released',
      parts: ['{"a":"good","b":"x'],
    })
  })
})

describe('resume', () => {
  const held = async () => {
    const queue = memoryQueue()
    const policy = (version: string) =>
      definePolicy({
        id: 'p',
        version,
        input: stage([
          when(scripted(contains('maybe')), 'bad')
            .above(0.5)
            .review({ mode: 'defer', withinMs: 60_000, otherwise: 'block' }),
        ]),
      })
    const guard = createGuard({ policy: policy('1'), queue })
    const passage = await guard.exchange({ messages: user('maybe'), context: { tenant: 'acme' } }).input()
    if (passage.kind !== 'held') throw new Error('not held')
    const claim = await queue.claim({ reviewer: 'ada' })
    if (claim) await queue.decide({ id: claim.item.id, token: claim.token, outcome: 'approve' })
    return { guard, ticket: passage.ticket, other: createGuard({ policy: policy('2'), queue }) }
  }

  it('knows no ticket of another tenant', async () => {
    const { guard, ticket } = await held()

    await expect(guard.resume(ticket, { tenant: 'other' })).rejects.toMatchObject({
      code: 'PARAPET_TICKET_UNKNOWN',
    })
    expect(await guard.resume(ticket, { tenant: 'acme' })).toMatchObject({ kind: 'grant' })
  })

  it('gives nothing that was approved under another policy', async () => {
    const { other, ticket } = await held()

    await expect(other.resume(ticket)).rejects.toMatchObject({ code: 'PARAPET_GRANT_REFUSED' })
  })
})
