import { describe, expect, it } from '@jest/globals'
import type { Message, Steering } from '../index.ts'
import { definePolicy } from '../policy/define-policy.ts'
import { when } from '../policy/when.ts'
import { replayDecision } from '../record/replay.ts'
import { memoryQueue } from '../review/memory-queue.ts'
import { recordingSink } from '../testing/recording-sink.ts'
import { scriptedDetector } from '../testing/scripted-detector.ts'
import { createGuard } from './create-guard.ts'

const stage = { onError: 'block', onAbstain: 'flag', budgetMs: 5_000 } as const
const user = (content: string) => [{ role: 'user' as const, content }]

/** A detector that finds one word. */
const finds = (word: string, tier: 'pattern' | 'model' = 'pattern') =>
  scriptedDetector({
    id: `finds-${word}`,
    labels: ['bad'],
    script: { bad: new RegExp(word) },
    descriptor: { tier },
  })

function open({
  mode = 'enforce',
  speculate = false,
}: {
  mode?: 'enforce' | 'shadow'
  speculate?: boolean
} = {}) {
  const sink = recordingSink()
  const policy = definePolicy({
    id: 'steering',
    version: '1',
    mode,
    input: {
      ...stage,
      rules: [
        when(finds('mild'), 'bad').above(0.5).steer(),
        when(finds('wild'), 'bad').above(0.5).steer({ strength: 2 }),
        // A detector of a dearer kind: it must be asked although the verdict is `block` already.
        when(finds('evil', 'model'), 'bad').above(0.5).block(),
        when(finds('odd', 'model'), 'bad')
          .above(0.5)
          .review({ mode: 'defer', withinMs: 60_000, otherwise: 'block' }),
      ],
    },
    output: { ...stage, rules: [when(finds('leak'), 'bad').above(0.5).block()] },
  })
  const guard = createGuard({ policy, queue: memoryQueue(), records: sink, speculate })
  const asked: { steering: Steering | undefined; signal: AbortSignal }[] = []
  const ask = (text: string, steers: boolean) =>
    guard.exchange({ messages: user(text) }).ask({
      steers,
      call: (_: readonly Message[], signal: AbortSignal, steering?: Steering) => {
        asked.push({ steering, signal })
        return 'An answer.'
      },
    })
  return { guard, ask, asked, sink, policy }
}

describe('a rule that steers', () => {
  it('reaches a model that can be steered, at the strength of the strongest rule', async () => {
    const { ask, asked } = open()

    expect(await ask('mild', true)).toMatchObject({
      kind: 'answered',
      decision: { verdict: 'block', effective: 'steer', steer: { strength: 0.5 } },
    })
    await ask('mild and wild', true)

    expect(asked.map(({ steering }) => steering)).toEqual([{ strength: 0.5 }, { strength: 2 }])
  })

  it('blocks before any other model, which is never called', async () => {
    const { ask, asked } = open()

    expect(await ask('mild', false)).toMatchObject({
      kind: 'blocked',
      decision: { verdict: 'block', effective: 'block' },
    })
    expect(asked).toEqual([])
  })

  it.each(['mild evil', 'mild odd'])('gives way to a rule that blocks or holds: %j', async (text) => {
    const { ask, asked } = open()

    expect(await ask(text, true)).toMatchObject({
      kind: 'blocked',
      decision: { verdict: 'block', effective: 'block' },
    })
    expect(asked).toEqual([])
  })

  it('asks anew when the guard speculated: what was asked beside the rules was not steered', async () => {
    const { ask, asked } = open({ speculate: true })

    await ask('mild', true)

    expect(asked.map(({ steering }) => steering)).toEqual([undefined, { strength: 0.5 }])
    expect(asked[0]?.signal.aborted).toBe(true)
    expect(asked[1]?.signal.aborted).toBe(false)
  })

  it('changes nothing in shadow mode', async () => {
    const { ask, asked } = open({ mode: 'shadow' })

    expect(await ask('mild', true)).toMatchObject({ kind: 'answered', decision: { effective: 'allow' } })
    expect(asked).toMatchObject([{ steering: undefined }])
  })

  it('is on record, and replays to the same judgement', async () => {
    const { ask, sink, policy } = open()
    await ask('mild', true)

    const [body] = sink.decisions

    expect(body).toMatchObject({ decision: { effective: 'steer', steer: { strength: 0.5 } } })
    expect(body && replayDecision(body, policy.document)).toMatchObject({
      exact: true,
      judgement: { verdict: 'block', steer: { strength: 0.5 } },
    })
  })

  it('judges the steered answer like any other', async () => {
    const { guard } = open()
    const exchange = guard.exchange({ messages: user('mild') })
    await exchange.ask({ steers: true, call: () => 'leak' })

    expect(await exchange.answer({ parts: [{ stage: 'output', text: 'leak' }] })).toMatchObject({
      kind: 'blocked',
    })
  })
})
