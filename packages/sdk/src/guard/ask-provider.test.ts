import { describe, expect, it } from '@jest/globals'
import { createGuard } from '../guard/create-guard.ts'
import type { Message } from '../index.ts'
import { when } from '../policy/when.ts'
import { memoryQueue } from '../review/memory-queue.ts'
import { recordingSink } from '../testing/recording-sink.ts'
import { scriptedDetector } from '../testing/scripted-detector.ts'
import { SCRIPTED_WORDS, scriptedPolicy, scriptedRules, wordDetector } from '../testing/scripted-policy.ts'

const { block, hold, secret } = SCRIPTED_WORDS
const user = (content: string) => [{ role: 'user' as const, content }]

interface Setup {
  readonly speculate?: boolean
  /** Awaited by the detector before it answers. */
  readonly until?: Promise<unknown>
  readonly waitMs?: number
}

/** A guard whose input rules block and hold, and whose output rules redact too. */
function open({ speculate = true, until, waitMs = 0 }: Setup = {}) {
  const words = wordDetector()
  const slow = scriptedDetector({
    id: 'slow',
    labels: ['block', 'hold'],
    script: async ({ text }) => {
      await until
      const score = (found: boolean) => (found ? 1 : 0)
      return {
        kind: 'scored',
        scores: { block: score(text.includes(block)), hold: score(text.includes(hold)) },
        spans: [],
      }
    },
  })
  const stage = { onError: 'block', onAbstain: 'flag', budgetMs: 5_000 } as const
  const review = { mode: 'hold', withinMs: 60_000, waitMs, otherwise: 'block' } as const
  const queue = memoryQueue()
  const sink = recordingSink()
  const guard = createGuard({
    policy: scriptedPolicy({
      policy: {
        input: {
          ...stage,
          rules: [when(slow, 'block').above(0.5).block(), when(slow, 'hold').above(0.5).review(review)],
        },
        output: { ...stage, rules: scriptedRules(words) },
      },
    }),
    queue,
    records: sink,
    speculate,
  })
  return { guard, queue, sink }
}

/** A provider that writes down how it was asked. */
function provider(answer: (signal: AbortSignal) => Promise<string> | string = () => 'Hello.') {
  const calls: { messages: readonly Message[]; signal: AbortSignal }[] = []
  const discarded: string[] = []
  const asking = {
    call: (messages: readonly Message[], signal: AbortSignal) => {
      calls.push({ messages, signal })
      return answer(signal)
    },
    discard: (given: string) => void discarded.push(given),
  }
  return { calls, discarded, asking }
}

describe('asking without speculation', () => {
  it('calls the provider after the decision, with the edited messages', async () => {
    const guard = createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })
    const { asking, calls } = provider()

    const asked = await guard.exchange({ messages: user(`My key is ${secret}.`) }).ask(asking)

    expect(asked).toMatchObject({ kind: 'answered', answer: 'Hello.' })
    expect(JSON.stringify(calls[0]?.messages)).toContain('My key is [cut].')
  })

  it('calls nobody with a request that is blocked', async () => {
    const { guard } = open({ speculate: false })
    const { asking, calls } = provider()

    expect((await guard.exchange({ messages: user(block) }).ask(asking)).kind).toBe('blocked')
    expect(calls).toHaveLength(0)
  })
})

describe('speculation', () => {
  it('calls the provider before the decision, and gives its answer after it', async () => {
    const decided = Promise.withResolvers<void>()
    const { guard, sink } = open({ until: decided.promise })
    const { asking, calls } = provider()

    const asking1 = guard.exchange({ messages: user('hi') }).ask(asking)
    let settled = false
    void asking1.then(() => {
      settled = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    expect([calls.length, settled, sink.decisions.length]).toEqual([1, false, 0])
    decided.resolve()

    expect(await asking1).toMatchObject({
      kind: 'answered',
      answer: 'Hello.',
      decision: { verdict: 'allow' },
    })
    expect(calls[0]?.signal.aborted).toBe(false)
  })

  it('aborts the call of a request that is blocked, and lets go of what it gave', async () => {
    const { guard } = open()
    const { asking, calls, discarded } = provider()

    const asked = await guard.exchange({ messages: user(block) }).ask(asking)
    await new Promise((resolve) => setImmediate(resolve))

    expect(asked.kind).toBe('blocked')
    expect('answer' in asked).toBe(false)
    expect(calls[0]?.signal.aborted).toBe(true)
    expect(discarded).toEqual(['Hello.'])
  })

  it('aborts the call of a request that is held, and asks anew once a person has approved', async () => {
    const { guard, queue } = open({ waitMs: 30_000 })
    const { asking, calls } = provider()

    const answering = guard.exchange({ messages: user(hold) }).ask(asking)
    let claim = await queue.claim({ reviewer: 'ada' })
    for (; !claim; claim = await queue.claim({ reviewer: 'ada' }))
      await new Promise((resolve) => setTimeout(resolve, 2))
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true])
    await queue.decide({ id: claim.item.id, token: claim.token, outcome: 'approve' })

    expect((await answering).kind).toBe('answered')
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, false])
  })

  it('says nothing of a provider that fails before a block', async () => {
    const { guard } = open()
    const { asking } = provider(() => Promise.reject(new Error('down')))

    expect((await guard.exchange({ messages: user(block) }).ask(asking)).kind).toBe('blocked')
    await expect(guard.exchange({ messages: user('hi') }).ask(asking)).rejects.toThrow('down')
  })

  it('takes a call that throws at once for one that fails', async () => {
    const { guard } = open()
    const { asking } = provider(() => {
      throw new Error('down')
    })

    await expect(guard.exchange({ messages: user('hi') }).ask(asking)).rejects.toThrow('down')
  })

  it('aborts the call when the decision cannot be put on record', async () => {
    const { guard, sink } = open()
    const { asking, calls } = provider()
    sink.failWith(new Error('the disk is full'))

    await expect(guard.exchange({ messages: user('hi') }).ask(asking)).rejects.toThrow('the disk is full')
    expect(calls[0]?.signal.aborted).toBe(true)
  })

  it('waits for the decision where the history meets a rule that redacts', async () => {
    const { guard } = open()
    const { asking, calls } = provider()
    const messages = [
      ...user('hi'),
      { role: 'assistant' as const, content: `It is ${secret}.` },
      ...user(block),
    ]

    expect((await guard.exchange({ messages }).ask(asking)).kind).toBe('blocked')
    expect(calls).toHaveLength(0)
    const asked = await guard.exchange({ messages: messages.slice(0, 2) }).ask(asking)
    expect(asked.kind).toBe('answered')
    expect(JSON.stringify(calls[0]?.messages)).not.toContain(secret)
  })

  it('is refused when a rule of input redacts, and for a request with effects', async () => {
    const { guard } = open()
    const { asking, calls } = provider()

    expect(() => createGuard({ policy: scriptedPolicy(), queue: memoryQueue(), speculate: true })).toThrow(
      expect.objectContaining({ code: 'PARAPET_GUARD_SPECULATION_REFUSED' }),
    )
    const refused = guard.exchange({ messages: user('hi') }).ask({ ...asking, effects: ['stored'] })
    await expect(refused).rejects.toMatchObject({
      code: 'PARAPET_GUARD_SPECULATION_REFUSED',
      message: expect.stringContaining('(stored)'),
    })
    expect(calls).toHaveLength(0)
  })

  it('does not throw what a provider’s late answer does to whoever lets go of it', async () => {
    const { guard } = open()
    const { asking } = provider()
    const discard = () => {
      throw new Error('late')
    }

    const asked = await guard.exchange({ messages: user(block) }).ask({ ...asking, discard })
    await new Promise((resolve) => setImmediate(resolve))

    expect(asked.kind).toBe('blocked')
  })
})
