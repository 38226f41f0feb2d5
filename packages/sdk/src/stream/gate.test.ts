import { describe, expect, it } from '@jest/globals'
import { contains, scripted } from '../../test/scripted.ts'
import { createGuard, definePolicy, memoryQueue, type RecordBody, when } from '../index.ts'

const stage = { onError: 'block', onAbstain: 'flag', budgetMs: 1_000 } as const
const exchange = { messages: [{ role: 'user' as const, content: 'hi' }] }

describe('a part that came whole', () => {
  it('is released in one piece where the policy says nothing of its stage, media and empty arguments too', async () => {
    const policy = definePolicy({
      id: 'p',
      version: '1',
      input: {
        rules: [
          when(scripted(contains('x')), 'bad')
            .above(1)
            .block(),
        ],
        ...stage,
      },
    })
    const gate = createGuard({ policy }).exchange(exchange).gate()

    const media = await gate.pushPart('0', { stage: 'output', media: 'image/png' })
    const call = await gate.pushPart('1', { stage: 'toolCall', toolName: 't', text: '', json: true })
    const full = await gate.pushPart('2', { stage: 'toolCall', toolName: 't', text: '{"a":1}', json: true })
    const end = await gate.end()

    expect([media, call, full].map(({ release }) => release)).toEqual([
      [{ id: '0', text: '' }],
      [{ id: '1', text: '' }],
      [{ id: '2', text: '{"a":1}' }],
    ])
    expect(end).toMatchObject({ kind: 'done', release: [] })
  })

  it('is not released in part when it breaks the answer’s limit', async () => {
    const policy = definePolicy({
      id: 'p',
      version: '1',
      input: {
        rules: [
          when(scripted(contains('x')), 'bad')
            .above(1)
            .block(),
        ],
        ...stage,
      },
      limits: { maxCharacters: 4 },
    })
    const gate = createGuard({ policy }).exchange(exchange).gate()

    const step = await gate.pushPart('0', { stage: 'toolCall', toolName: 't', text: '{"a":1}', json: true })

    expect(step).toMatchObject({ kind: 'blocked', release: [] })
  })

  it('keeps what its adapter makes it from again, in the answer that a hold stores', async () => {
    const queue = memoryQueue()
    const policy = definePolicy({
      id: 'p',
      version: '1',
      output: {
        rules: [
          when(scripted(contains('x')), 'bad')
            .above(1)
            .review({ mode: 'defer', withinMs: 60_000, otherwise: 'allow' }),
        ],
        ...stage,
      },
    })
    const guard = createGuard({ policy, queue })
    const gate = guard.exchange(exchange).gate()
    await gate.pushPart('0', {
      stage: 'toolCall',
      toolName: 't',
      text: '{"a":"x"}',
      json: true,
      origin: { toolCallId: 'call-1' },
    })
    const end = await gate.end()
    const { ticket } = end as { ticket: string }
    const claim = await queue.claim({ reviewer: 'ada', id: ticket })
    await queue.decide({ id: ticket, token: claim?.token ?? '', outcome: 'approve' })

    expect(await guard.resume(ticket)).toMatchObject({
      kind: 'answer',
      answer: { parts: [{ stage: 'toolCall', text: '{"a":"x"}', origin: { toolCallId: 'call-1' } }] },
    })
  })
})

describe('a caller that goes away', () => {
  it('ends the answer once, also while a step is being judged', async () => {
    const bodies: RecordBody[] = []
    let measured = () => {}
    const detector = scripted(async () => {
      await new Promise<void>((resolve) => {
        measured = resolve
      })
      return { kind: 'scored', scores: { bad: 1 } }
    })
    const policy = definePolicy({
      id: 'p',
      version: '1',
      output: { rules: [when(detector, 'bad').above(1).block()], ...stage },
    })
    const guard = createGuard({ policy, records: { append: async (body) => void bodies.push(body) } })
    await guard.warm()
    const gate = guard.exchange(exchange).gate()
    await gate.push('0', 'output', 'text')

    const step = gate.endPart('0')
    while (detector.asked.length === 0) await new Promise(setImmediate)
    await gate.cancel()
    measured()

    expect((await step).kind).toBe('blocked')
    expect(bodies).toHaveLength(1)
    expect(bodies).toMatchObject([{ kind: 'decision', complete: false }])
  })
})

describe.each(['whole', { windowCharacters: 200 }] as const)(
  'released as %j, a part that is over',
  (release) => {
    const open = () => {
      const rules = [
        when(scripted(contains('x')), 'bad')
          .above(1)
          .block(),
      ]
      const policy = definePolicy({ id: 'p', version: '1', output: { rules, ...stage, release } })
      return createGuard({ policy }).exchange(exchange).gate()
    }
    const code = { code: 'PARAPET_GATE_PART_OVER' }

    it('takes no more text, and nothing of the answer leaves any more', async () => {
      const gate = open()
      await gate.push('0', 'output', 'fine ')
      await gate.endPart('0')

      await expect(gate.push('0', 'output', 'x')).rejects.toMatchObject(code)
      await expect(gate.end()).rejects.toMatchObject({ code: 'PARAPET_GATE_CLOSED' })
    })

    it('gives its id to no other part, whichever way the two came', async () => {
      const part = { stage: 'toolCall', toolName: 't', text: '{}', json: true } as const
      const twice = open()
      await twice.pushPart('0', part)
      const streamed = open()
      await streamed.push('0', 'output', 'fine')
      const whole = open()
      await whole.pushPart('0', part)

      await expect(twice.pushPart('0', part)).rejects.toMatchObject(code)
      await expect(streamed.pushPart('0', part)).rejects.toMatchObject(code)
      await expect(whole.push('0', 'output', 'more')).rejects.toMatchObject(code)
    })

    it('gives its id to no text of another stage', async () => {
      const gate = open()
      await gate.push('0', 'reasoning', 'fine')

      await expect(gate.push('0', 'output', 'fine')).rejects.toMatchObject(code)
    })
  },
)
