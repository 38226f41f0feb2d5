import { describe, expect, it } from '@jest/globals'
import { createGuard, memoryQueue, type RequestContext } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_WORDS,
  type ScriptedPolicyOptions,
  scriptedPolicy,
} from '@parapet/sdk/testing'
import type { GuardToolsOptions } from '../tool-call/tool-options.ts'
import { guardTools } from './guard-tools.ts'

const { block, secret, hold, fail } = SCRIPTED_WORDS
const NEUTRAL = 'The result is not available.'
const CANARY = 'canary-44'

function open(policy: ScriptedPolicyOptions = {}, options: GuardToolsOptions = {}) {
  const sink = recordingSink()
  const guard = createGuard({ policy: scriptedPolicy(policy), queue: memoryQueue(), records: sink })
  const guarded = <Tool extends (...given: never[]) => unknown>(act: Tool) =>
    guardTools(guard, { act }, options).act
  return { guard, sink, guarded }
}

describe('a guarded function', () => {
  it('gets edited arguments and gives an edited result', async () => {
    const { guarded } = open()
    const act = guarded(async ({ to }: { to: string }) => ({ sent: to, key: secret, at: new Date(0) }))

    expect(await act({ to: `ada, ${secret}` })).toEqual({
      sent: 'ada, [cut]',
      key: '[cut]',
      at: '1970-01-01T00:00:00.000Z',
    })
  })

  it('gets the very arguments that it was called with when nothing is edited', async () => {
    const seen: unknown[] = []
    const { guarded } = open()
    const act = guarded((...given: unknown[]) => void seen.push(...given))
    const input = { at: new Date(0) }
    const options = { messages: [], toolCallId: 'c1' }

    expect(await act(input, options)).toBeUndefined()

    expect(seen[0]).toBe(input)
    expect(seen[1]).toBe(options)
  })

  it('has maps and sets among its arguments judged by their entries', async () => {
    const seen: unknown[] = []
    const { guarded } = open()
    const act = guarded(async (input: { tags: Set<string>; names: Map<string, string> }) => {
      seen.push(input)
    })

    const passed = { tags: new Set(['a']), names: new Map([['b', 'c']]) }
    await act(passed)
    await act({ ...passed, tags: new Set([block]) })
    await act({ ...passed, names: new Map([['key', secret]]) })

    expect(seen).toEqual([passed, { tags: ['a'], names: [['key', '[cut]']] }])
  })

  it('may take and give any JSON', async () => {
    const { guarded } = open()
    const echo = guarded(async (value: unknown) => value)

    for (const value of ['text', '', 7, null, false, [1, 'a'], { a: { b: [] } }])
      expect(await echo(value)).toEqual(value)
    expect(await echo(undefined)).toBeUndefined()
  })

  it.each([
    ['a cycle in the arguments', 'arguments'],
    ['a big integer in the result', 'result'],
  ])('refuses %s, typed, and says nothing of it', async (_, where) => {
    const cycle: Record<string, unknown> = { [CANARY]: CANARY }
    cycle['self'] = cycle
    const { guarded } = open()
    const act = guarded(async (_: unknown): Promise<unknown> => ({ [CANARY]: 1n }))

    const error = await act(where === 'arguments' ? cycle : {}).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'PARAPET_ADAPTER_TOOL_NOT_JSON' })
    expect(`${error} ${(error as Error).cause}`).not.toContain(CANARY)
  })

  it('withholds a result whose key would have to be cut, and one that a failed detector could not judge', async () => {
    const { guarded } = open()

    expect(await guarded(async () => ({ [secret]: 1 }))()).toBe(NEUTRAL)
    expect(await guarded(async () => fail)()).toBe(NEUTRAL)
  })

  it('gives the results of a generator one by one', async () => {
    const { guarded } = open()
    const act = guarded(async function* (_: string) {
      yield 'one'
      yield secret
      yield block
      yield 'never'
    })
    const given: unknown[] = []

    for await (const value of act('go')) given.push(value)

    expect(given).toEqual(['one', '[cut]', NEUTRAL])
  })

  it('lets a generator go when its reader leaves', async () => {
    let ended = false
    const { guarded } = open()
    const act = guarded(async function* () {
      try {
        for (;;) yield 'a'
      } finally {
        ended = true
      }
    })

    for await (const value of act()) if (value) break

    expect(ended).toBe(true)
  })

  it('has what it throws judged, whatever it is', async () => {
    const { guarded } = open()
    const throws = (error: unknown) => guarded(() => Promise.reject(error))()

    await expect(throws(`key ${secret}`)).rejects.toThrow('key [cut]')
    await expect(throws({ why: `${CANARY} ${block}` })).rejects.toThrow(NEUTRAL)
    await expect(throws({ why: 'late' })).rejects.toEqual({ why: 'late' })
    await expect(throws(undefined)).rejects.toBeUndefined()
  })

  it('says no more when its caller has given up', async () => {
    const { guarded } = open()
    const controller = new AbortController()
    const act = guarded(async (_input: object, _options: object): Promise<string> => {
      controller.abort(new Error('gone'))
      throw controller.signal.reason
    })

    await expect(act({}, { abortSignal: controller.signal })).rejects.toThrow('gone')
  })
})

describe('whom a call is for', () => {
  it('is asked of each call', async () => {
    const seen: unknown[] = []
    const context = (options: unknown): RequestContext => {
      seen.push(options)
      return { tenant: 'acme' }
    }
    const { guarded, sink } = open({}, { context })
    const options = { context: { user: 'u1' } }

    await guarded(async (_input: object, _options: object) => 'ok')({}, options)

    expect(seen).toEqual([options])
    expect(sink.decisions.map(({ tenant }) => tenant)).toEqual(['acme', 'acme'])
  })
})

it('tells the app what was withheld, and goes on when that fails', async () => {
  const told: unknown[] = []
  const onWithheld = (event: unknown) => {
    told.push(event)
    throw new Error('a listener that fails')
  }
  const { guarded } = open(
    { review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' } },
    { onWithheld },
  )

  expect(await guarded(async () => hold)()).toBe(NEUTRAL)
  expect(told).toEqual([
    { toolName: 'act', stage: 'toolResult', decisionId: expect.any(String), ticket: expect.any(String) },
  ])
})

describe('shadow mode', () => {
  const shadow = { policy: { mode: 'shadow' as const } }
  const settled = async (count: () => number, most: number) => {
    for (let turn = 0; turn < 100 && count() < most; turn++)
      await new Promise((resolve) => setTimeout(resolve, 5))
  }

  it('changes nothing and records what would have been', async () => {
    const { guarded, sink } = open(shadow)
    const given = { at: new Date(0), said: block }
    const act = guarded(async (_: { to: string }) => given)

    expect(await act({ to: secret })).toBe(given)
    await settled(() => sink.decisions.length, 2)

    const judged = sink.decisions.map(({ decision, parts }) => [parts[0]?.stage, decision.verdict])
    expect(judged.sort()).toEqual([
      ['toolCall', 'allow'],
      ['toolResult', 'block'],
    ])
  })

  it('passes results one by one, and errors, as they are', async () => {
    const { guarded, sink } = open(shadow)
    const failure = new Error(secret)
    const act = guarded(async function* () {
      yield block
      throw failure
    })
    const given: unknown[] = []

    const reading = async () => {
      for await (const value of act()) given.push(value)
    }

    await expect(reading()).rejects.toBe(failure)
    await expect(guarded(() => Promise.reject(failure))()).rejects.toBe(failure)
    await settled(() => sink.decisions.length, 5)
    expect(given).toEqual([block])
    expect(sink.decisions).toHaveLength(5)
  })

  it('goes on over a fault of the guard’s own work', async () => {
    const faults: unknown[] = []
    const { guarded, sink } = open(shadow, { onShadowFault: (fault) => void faults.push(fault) })
    sink.failWith(new Error('the disk is full'))

    expect(await guarded(async () => 1n)()).toBe(1n)
    await settled(() => faults.length, 2)
    expect(faults).toHaveLength(2)
  })
})

it('releases nothing that it cannot put on record', async () => {
  let ran = 0
  const { guarded, sink } = open()
  sink.failWith(new Error('the disk is full'))

  await expect(guarded(async () => ++ran)()).rejects.toThrow('the disk is full')
  expect(ran).toBe(0)
})

it.each([{ withheld: '' }, { onBlock: 'hide' }, { context: 'acme' }, { onwithheld: () => undefined }])(
  'refuses the options %j',
  (options) => {
    const { guard } = open()

    expect(() => guardTools(guard, {}, options as never)).toThrow(
      expect.objectContaining({ code: 'PARAPET_ADAPTER_OPTIONS' }),
    )
  },
)
