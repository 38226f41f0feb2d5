import { describe, expect, it } from '@jest/globals'
import { createGuard, type MessageInput, memoryQueue } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_MESSAGE,
  SCRIPTED_WORDS,
  type ScriptedPolicyOptions,
  scriptedPolicy,
} from '@parapet/sdk/testing'
import type { ChatFunction, FunctionEvent } from './chat-function.ts'
import { guardFunction } from './guard-function.ts'
import type { GuardFunctionOptions } from './options.ts'

const { block, secret } = SCRIPTED_WORDS
const CANARY = 'canary-91'
const ASK: readonly MessageInput[] = [{ role: 'user', content: 'hi' }]

function open(answer: ChatFunction, policy: ScriptedPolicyOptions = {}, options: GuardFunctionOptions = {}) {
  const sink = recordingSink()
  const guard = createGuard({ policy: scriptedPolicy(policy), queue: memoryQueue(), records: sink })
  return { guard, sink, chat: guardFunction(guard, answer, options) }
}

async function* pieces(...texts: readonly string[]) {
  yield* texts
}

async function collect(events: AsyncIterable<FunctionEvent>): Promise<FunctionEvent[]> {
  const collected: FunctionEvent[] = []
  for await (const event of events) collected.push(event)
  return collected
}

describe('what a function may answer with', () => {
  it.each<[string, ChatFunction]>([
    ['a text', () => 'My key is SECRET-1234.'],
    ['a promise of a text', async () => 'My key is SECRET-1234.'],
    ['a generator', () => pieces('My key is SEC', 'RET-1234.')],
    ['a promise of a stream', async () => ReadableStream.from(pieces('My key', '', ' is SECRET-1234.'))],
  ])('%s', async (_, answer) => {
    const { chat, sink } = open(answer)

    const whole = await chat(ASK)
    const events = await collect(chat.stream(ASK))

    expect(whole).toEqual({
      kind: 'released',
      text: 'My key is [cut].',
      decisionId: sink.decisions[1]?.decision.id,
    })
    expect(events).toEqual([
      { kind: 'text', text: 'My key is [cut].' },
      { kind: 'released', decisionId: sink.decisions[3]?.decision.id },
    ])
  })

  it.each([
    ['nothing', undefined, 'undefined'],
    ['a list', ['a'], 'object'],
    ['a number', 7, 'number'],
    ['pieces that are no text', pieces('a', { text: CANARY } as never), 'object'],
  ])('and not %s', async (_, given, type) => {
    const { chat } = open(() => given as never)

    const error = await chat(ASK).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'PARAPET_ADAPTER_PART_UNKNOWN' })
    expect(String(error)).toContain(`"${type}"`)
    expect(String(error)).not.toContain(CANARY)
  })
})

describe('what a function is asked with', () => {
  it('keeps the form that the caller wrote, with edits', async () => {
    let asked: readonly MessageInput[] = []
    const { chat } = open((messages) => {
      asked = messages
      return 'ok'
    })
    const parts = [
      { type: 'text' as const, text: secret },
      { type: 'media' as const, mediaType: 'image/png' },
    ]

    await chat([
      { role: 'system', content: `the key is ${secret}` },
      { role: 'user', content: `hi ${secret}` },
      { role: 'user', content: parts },
      { role: 'user', content: '' },
    ])

    expect(asked).toEqual([
      { role: 'system', content: `the key is ${secret}` },
      { role: 'user', content: 'hi [cut]' },
      { role: 'user', content: [{ type: 'text', text: '[cut]' }, parts[1]] },
      { role: 'user', content: '' },
    ])
  })

  it('refuses options that it does not know, without repeating them', async () => {
    const { chat, guard } = open(() => 'ok')

    const error = await chat(ASK, { [CANARY]: CANARY } as never).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ code: 'PARAPET_ADAPTER_OPTIONS' })
    expect(String(error)).not.toContain(CANARY)
    await expect(chat(ASK, { json: 'yes' } as never)).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_OPTIONS',
    })
    for (const make of [
      () => guardFunction(guard, 'x' as never),
      () => guardFunction(guard, () => 'x', { onError: () => undefined } as never),
    ])
      expect(make).toThrow(expect.objectContaining({ code: 'PARAPET_ADAPTER_OPTIONS' }))
  })
})

describe('JSON', () => {
  it('stays JSON, and is judged by what it decodes to', async () => {
    const { chat } = open(() => pieces('{"key":"SECRET', '-1234","a":"BLOCK\\u002d', 'MI"}'))
    const blocked = open(() => '{"a":"BLOCK\\u002dME"}')

    expect(JSON.parse((await chat(ASK, { json: true })).text)).toEqual({ key: '[cut]', a: 'BLOCK-MI' })
    expect(await blocked.chat(ASK, { json: true })).toMatchObject({ kind: 'blocked', text: '' })
  })

  it('may be prose, or nothing', async () => {
    expect(await open(() => `No: ${secret}`).chat(ASK, { json: true })).toMatchObject({ text: 'No: [cut]' })
    expect(await open(() => '').chat(ASK, { json: true })).toMatchObject({ kind: 'released', text: '' })
  })

  it('is not gathered beyond the policy’s limit', async () => {
    let given = 0
    const { chat } = open(
      async function* () {
        for (; given < 1_000; given++) yield 'a'.repeat(100)
      },
      { policy: { limits: { maxCharacters: 1_000 } } },
    )

    expect(await chat(ASK, { json: true })).toMatchObject({ kind: 'blocked', text: '' })
    expect(given).toBeLessThan(20)
  })
})

describe('a stream', () => {
  it('begins when it is read', async () => {
    let calls = 0
    const { chat } = open(() => {
      calls++
      return 'ok'
    })

    const events = chat.stream(ASK)
    expect(calls).toBe(0)
    await collect(events)

    expect(calls).toBe(1)
  })

  it('lets a reader go who does not wait for a function that stalls', async () => {
    let aborted = false
    const { chat, sink } = open(
      async function* (_, { signal }) {
        signal.addEventListener('abort', () => {
          aborted = true
        })
        yield 'a'.repeat(100)
        await new Promise(() => undefined)
      },
      { release: { windowCharacters: 40 } },
    )

    const events = chat.stream(ASK)
    const first = await events.next()
    const second = events.next()
    await events.return?.()

    expect(first.value).toMatchObject({ kind: 'text' })
    expect(await second).toEqual({ done: true, value: undefined })
    expect(aborted).toBe(true)
    expect(sink.decisions.at(-1)?.complete).toBe(false)
  })

  it.each<readonly [string, ChatFunction, boolean]>([
    ['before its answer', () => new Promise(() => undefined), false],
    [
      'between two pieces',
      async function* () {
        yield 'a'
        await new Promise(() => undefined)
      },
      false,
    ],
    [
      'between two pieces of JSON',
      async function* () {
        yield '{'
        await new Promise(() => undefined)
      },
      true,
    ],
  ])('gives a function up that is silent for too long: %s', async (_, answer, json) => {
    let signal: AbortSignal | undefined
    const { chat, sink } = open(
      (messages, given) => {
        signal = given.signal
        return answer(messages, given)
      },
      {},
      { stallMs: 5 },
    )

    await expect(chat(ASK, { json })).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_PROVIDER_STALLED' })

    expect(signal?.aborted).toBe(true)
    expect(sink.decisions.slice(1).every(({ complete }) => !complete)).toBe(true)
  })

  it.each([0, 2 ** 31, 1.5])('waits in a range: not %s ms', (stallMs) => {
    expect(() => open(() => 'x', {}, { stallMs })).toThrow('stallMs')
  })

  it('aborts nothing when it is left at its end', async () => {
    let aborted = false
    const { chat } = open((_, { signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true
      })
      return pieces('a', 'b')
    })

    for await (const event of chat.stream(ASK)) if (event.kind !== 'text') break

    expect(aborted).toBe(false)
  })

  it('lets go of the function’s iterator when the answer is blocked', async () => {
    let returned = false
    const { chat } = open(
      async function* () {
        try {
          for (;;) yield `${block} `
        } finally {
          returned = true
        }
      },
      { release: { windowCharacters: 40 } },
    )

    expect(await chat(ASK)).toMatchObject({ kind: 'blocked', message: SCRIPTED_MESSAGE })
    await new Promise((resolve) => setImmediate(resolve))
    expect(returned).toBe(true)
  })

  it('is refused to a caller who has given up before', async () => {
    const { chat } = open(() => 'ok')

    await expect(chat(ASK, { signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow('gone')
  })
})

it('keeps the function’s errors back, and gives them to the app', async () => {
  const keptBack: unknown[] = []
  const failing: ChatFunction = () => {
    throw Object.assign(new Error(CANARY), { code: 'ECONNRESET' })
  }
  const { chat } = open(failing, {}, { onProviderError: (error) => void keptBack.push(error) })

  const error = await chat(ASK).catch((thrown: unknown) => thrown)

  expect(error).toMatchObject({ code: 'PARAPET_ADAPTER_PROVIDER_FAILED' })
  expect(String(error)).toContain('ECONNRESET')
  expect(String(error)).not.toContain(CANARY)
  expect(String(keptBack[0])).toContain(CANARY)
})

describe('shadow mode', () => {
  const shadow = { policy: { mode: 'shadow' as const } }

  it('changes nothing, and names the decision that would have been', async () => {
    let asked: readonly MessageInput[] = []
    const { chat, sink } = open((messages) => {
      asked = messages
      return pieces(`${secret} `, block)
    }, shadow)
    const messages = [{ role: 'user' as const, content: `${secret} ${block}` }]

    const answer = await chat(messages)

    expect(asked).toBe(messages)
    expect(answer).toEqual({
      kind: 'released',
      text: `${secret} ${block}`,
      decisionId: sink.decisions[1]?.decision.id,
    })
    expect(sink.decisions.map(({ decision }) => decision.verdict)).toEqual(['block', 'block'])
  })

  it('judges JSON as it would be judged in earnest', async () => {
    const { chat, sink } = open(() => pieces('{"a":"BLOCK\\u002d', 'ME"}'), shadow)

    expect((await chat(ASK, { json: true })).text).toBe('{"a":"BLOCK\\u002dME"}')
    expect(sink.decisions.at(-1)?.decision.verdict).toBe('block')
  })

  it('goes on over a fault of the guard’s own work', async () => {
    const faults: unknown[] = []
    const { chat, sink } = open(() => pieces('a', 'b'), shadow, {
      onShadowFault: (error) => void faults.push(error),
    })
    sink.failWith(new Error('the disk is full'))

    expect(await chat(ASK)).toEqual({ kind: 'released', text: 'ab' })
    expect(await chat([{ role: 'nobody' as never, content: 'x' }])).toEqual({ kind: 'released', text: 'ab' })
    expect(faults.length).toBeGreaterThan(1)
  })

  it('passes the function’s own errors as they are', async () => {
    const { chat } = open(() => Promise.reject(new Error('down')), shadow)

    await expect(chat(ASK)).rejects.toThrow('down')
  })

  it('lets a reader go', async () => {
    const { chat, sink } = open(() => pieces('a', 'b', 'c'), shadow)

    for await (const event of chat.stream(ASK)) if (event.kind === 'text') break

    expect(sink.decisions.at(-1)?.complete).toBe(false)
  })
})
