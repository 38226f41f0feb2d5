import type {
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider'
import { describe, expect, it } from '@jest/globals'
import { createGuard, memoryQueue } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_MESSAGE,
  SCRIPTED_WORDS,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  wordDetector,
} from '@parapet/sdk/testing'
import { wrapLanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { UNKNOWN_USAGE } from './filtered-answer.ts'
import { guardMiddleware } from './guard-middleware.ts'
import type { GuardMiddlewareOptions } from './options.ts'

type StreamPart = LanguageModelV4StreamPart
const { block, secret, hold } = SCRIPTED_WORDS
const FINISH: StreamPart = {
  type: 'finish',
  finishReason: { unified: 'stop', raw: 'stop' },
  usage: UNKNOWN_USAGE,
}
const START: StreamPart = { type: 'stream-start', warnings: [] }
const CALL: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
}
const windows = { release: { windowCharacters: 40 } }
const block1 = (id: string, ...deltas: string[]): StreamPart[] => [
  { type: 'text-start', id },
  ...deltas.map((delta): StreamPart => ({ type: 'text-delta', id, delta })),
  { type: 'text-end', id },
]

interface Setup {
  readonly policy?: ScriptedPolicyOptions
  readonly options?: GuardMiddlewareOptions
  readonly parts?: readonly StreamPart[]
  readonly result?: Partial<LanguageModelV4GenerateResult>
}

function open({ policy = {}, options = {}, parts = [], result = {} }: Setup) {
  const sink = recordingSink()
  const queue = memoryQueue()
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector(), ...policy }),
    queue,
    records: sink,
  })
  let pulled = 0
  const upstream = new MockLanguageModelV4({
    doGenerate: async () => ({
      content: [],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: UNKNOWN_USAGE,
      warnings: [],
      ...result,
    }),
    doStream: async () => ({
      stream: new ReadableStream<StreamPart>(
        {
          pull(controller) {
            const part = parts[pulled++]
            if (part) controller.enqueue(part)
            else controller.close()
          },
        },
        { highWaterMark: 0 },
      ),
    }),
  })
  const model = wrapLanguageModel({ model: upstream, middleware: guardMiddleware(guard, options) })
  return { model, upstream, sink, queue, guard, pulled: () => pulled }
}

async function streamed(setup: Setup, call: Partial<LanguageModelV4CallOptions> = {}): Promise<StreamPart[]> {
  const { stream } = await open(setup).model.doStream({ ...CALL, ...call })
  const parts: StreamPart[] = []
  for await (const part of stream) parts.push(part)
  return parts
}

const generated = (content: LanguageModelV4Content[], setup: Setup = {}) =>
  open({ ...setup, result: { content, ...setup.result } }).model.doGenerate(CALL)

/** Parts in short: what they are, of which block, with which text. */
const short = (parts: readonly StreamPart[]) =>
  parts.map((part) => {
    const id = 'id' in part && part.type !== 'source' ? ` ${part.id}` : ''
    const text = 'delta' in part ? ` ${part.delta}` : part.type === 'tool-call' ? ` ${part.input}` : ''
    return `${part.type}${id}${text}`
  })

describe('the order of a stream', () => {
  it('keeps blocks paired and in the provider’s order, also where they interleave', async () => {
    const parts: StreamPart[] = [
      START,
      { type: 'reasoning-start', id: 'a' },
      { type: 'text-start', id: 'a' },
      { type: 'reasoning-delta', id: 'a', delta: 'think' },
      { type: 'text-delta', id: 'a', delta: 'say' },
      { type: 'text-end', id: 'a' },
      { type: 'reasoning-end', id: 'a' },
      ...block1('a', 'again'),
      FINISH,
    ]
    const expected = [
      'stream-start',
      'reasoning-start 0',
      'reasoning-delta 0 think',
      'reasoning-end 0',
      'text-start 1',
      'text-delta 1 say',
      'text-end 1',
      'text-start 2',
      'text-delta 2 again',
      'text-end 2',
      'finish',
    ]

    expect(short(await streamed({ parts }))).toEqual(expected)
    expect(short(await streamed({ parts, policy: windows })).sort()).toEqual(expected.sort())
  })

  it('keeps reasoning that is edited from its first letter on where it stood', async () => {
    const content: LanguageModelV4Content[] = [
      { type: 'reasoning', text: `${secret} think` },
      { type: 'tool-call', toolCallId: 'c', toolName: 'run', input: '{}' },
      { type: 'text', text: 'Done.' },
    ]
    const parts: StreamPart[] = [
      START,
      { type: 'reasoning-start', id: 'r' },
      { type: 'reasoning-delta', id: 'r', delta: `${secret} think` },
      { type: 'reasoning-end', id: 'r' },
      { type: 'tool-call', toolCallId: 'c', toolName: 'run', input: '{}' },
      ...block1('t', 'Done.'),
      FINISH,
    ]

    for (const policy of [{}, windows]) {
      expect((await generated(content, { policy })).content).toEqual([
        { type: 'reasoning', text: '[cut] think' },
        content[1],
        content[2],
      ])
      expect(short(await streamed({ parts, policy }))).toEqual([
        'stream-start',
        'reasoning-start 0',
        'reasoning-delta 0 [cut] think',
        'reasoning-end 0',
        'tool-call {}',
        'text-start 3',
        'text-delta 3 Done.',
        'text-end 3',
        'finish',
      ])
    }
  })

  it('gives a tool’s input once it is judged, and an approval after its call', async () => {
    const parts: StreamPart[] = [
      ...block1('t', 'Let me.'),
      { type: 'tool-input-start', id: 'c', toolName: 'run' },
      { type: 'tool-input-delta', id: 'c', delta: `{"a":"${secret}` },
      { type: 'tool-input-delta', id: 'c', delta: '"}' },
      { type: 'tool-input-end', id: 'c' },
      {
        type: 'tool-call',
        toolCallId: 'c',
        toolName: 'run',
        input: `{"a":"${secret}"}`,
        providerExecuted: true,
      },
      { type: 'tool-approval-request', approvalId: 'p', toolCallId: 'c' },
      FINISH,
    ]
    const expected = [
      'text-start 0',
      'text-delta 0 Let me.',
      'text-end 0',
      'tool-input-start c',
      'tool-input-delta c {"a":"[cut]"}',
      'tool-input-end c',
      'tool-call {"a":"[cut]"}',
      'tool-approval-request',
      'finish',
    ]

    for (const policy of [{}, windows]) expect(short(await streamed({ parts, policy }))).toEqual(expected)
  })

  it('gives a tool’s raw text input back as raw text', async () => {
    const parts = await streamed({
      parts: [
        { type: 'tool-input-start', id: 'c', toolName: 'sh', inputEncoding: 'text' },
        { type: 'tool-call', toolCallId: 'c', toolName: 'sh', input: JSON.stringify('ls "a"') },
        FINISH,
      ],
    })

    expect(short(parts)).toContain('tool-input-delta c ls "a"')
  })

  it('keeps blocks that have no text but what the provider has sealed', async () => {
    const providerMetadata = { openai: { itemId: 'rs_1', reasoningEncryptedContent: 'gAA' } }
    const parts: StreamPart[] = [
      { type: 'reasoning-start', id: 'r', providerMetadata },
      { type: 'reasoning-end', id: 'r', providerMetadata },
      ...block1('t', 'Done.'),
      FINISH,
    ]

    for (const policy of [{}, windows]) {
      const [start, end, next] = await streamed({ parts, policy })
      expect(start).toEqual({ type: 'reasoning-start', id: '0', providerMetadata })
      expect(end).toEqual({ type: 'reasoning-end', id: '0', providerMetadata })
      expect(next?.type).toBe('text-start')
    }
  })

  it('takes the metadata back from a block that it edited or cut short', async () => {
    const providerMetadata = { openai: { itemId: 'msg_1' } }
    const text = (delta: string): StreamPart[] => [
      { type: 'text-start', id: 't', providerMetadata },
      { type: 'text-delta', id: 't', delta },
      { type: 'text-end', id: 't', providerMetadata },
      FINISH,
    ]

    for (const delta of [`${'a'.repeat(90)} ${secret}`, `${'a'.repeat(90)} ${block}`]) {
      const parts = await streamed({ parts: text(delta), policy: windows })
      expect(parts.find(({ type }) => type === 'text-start')).toMatchObject({ providerMetadata })
      expect(parts.find(({ type }) => type === 'text-end')).toMatchObject({ providerMetadata: {} })
    }
  })

  it('ends blocks that the provider left open, structured ones too', async () => {
    const parts: StreamPart[] = [
      { type: 'text-start', id: 't' },
      { type: 'text-delta', id: 't', delta: `{"a":"${secret}"}` },
      FINISH,
    ]

    for (const responseFormat of [{ type: 'json' }, { type: 'text' }] as const)
      expect(short(await streamed({ parts }, { responseFormat }))).toEqual([
        'text-start 0',
        'text-delta 0 {"a":"[cut]"}',
        'text-end 0',
        'finish',
      ])
  })

  it('answers a blocked request as a model would, with the message alone', async () => {
    const { model, upstream } = open({})
    const prompt: LanguageModelV4CallOptions['prompt'] = [
      { role: 'user', content: [{ type: 'text', text: block }] },
    ]

    const { stream } = await model.doStream({ prompt })
    const parts: StreamPart[] = []
    for await (const part of stream) parts.push(part)

    expect(short(parts)).toEqual([
      'stream-start',
      'response-metadata',
      'text-start parapet',
      `text-delta parapet ${SCRIPTED_MESSAGE}`,
      'text-end parapet',
      'finish',
    ])
    expect(upstream.doStreamCalls).toHaveLength(0)
  })
})

describe('pulling', () => {
  it('reads the provider only as the caller reads', async () => {
    const parts = [...block1('t', ...Array.from({ length: 200 }, () => 'x'.repeat(10))), FINISH]
    const { model, pulled } = open({ parts, policy: windows })
    const { stream } = await model.doStream(CALL)
    const reader = stream.getReader()
    await new Promise((resolve) => setTimeout(resolve, 5))

    expect(pulled()).toBe(0)
    await reader.read()
    await reader.read()
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(pulled()).toBeLessThan(15)
    await reader.cancel()
  })
})

describe('raw chunks and bodies', () => {
  const raw: StreamPart = { type: 'raw', rawValue: { wire: 'x' } }
  const answer = (text: string): Setup => ({
    parts: [raw, ...block1('t', text), raw, FINISH],
    result: { content: [{ type: 'text', text }], response: { id: 'r', body: { wire: text } } },
  })

  it('stay back unless they are asked for, and the provider is not asked for them', async () => {
    const { model, upstream } = open(answer('fine'))
    await model.doStream({ ...CALL, includeRawChunks: true })

    expect(upstream.doStreamCalls[0]?.includeRawChunks).toBe(false)
    expect((await streamed(answer('fine'))).some(({ type }) => type === 'raw')).toBe(false)
    expect((await open(answer('fine')).model.doGenerate(CALL)).response).toEqual({ id: 'r' })
  })

  it.each([
    ['passes', 'fine', 2],
    ['is edited', secret, 0],
    ['is blocked', block, 0],
  ])('leave after the decision when the answer %s', async (_, text, count) => {
    const setup: Setup = { ...answer(text), options: { raw: 'after-decision' } }

    const parts = await streamed(setup)
    const { response } = await open(setup).model.doGenerate(CALL)

    expect(parts.filter(({ type }) => type === 'raw')).toHaveLength(count)
    expect(response?.body !== undefined).toBe(count > 0)
  })
})

describe('what stands beside the text', () => {
  const citation = {
    source: { type: 'source', sourceType: 'url', id: 's', url: 'https://example.com', title: 'A' },
    startIndex: 0,
    endIndex: 3,
    citedText: `as ${secret} says`,
  } as const

  it('is judged where it cites, and loses its places where the text was edited', async () => {
    const [plain] = (await generated([{ type: 'text', text: 'Fine.', citations: [citation] }])).content
    const [edited] = (await generated([{ type: 'text', text: secret, citations: [citation] }])).content
    const [blocked] = (
      await generated([{ type: 'text', text: 'Fine.', citations: [{ ...citation, citedText: block }] }])
    ).content

    expect(plain).toMatchObject({ citations: [{ citedText: 'as [cut] says', startIndex: 0, endIndex: 3 }] })
    expect(edited).toMatchObject({ text: '[cut]', citations: [{ citedText: 'as [cut] says' }] })
    expect(JSON.stringify(edited)).not.toContain('startIndex')
    expect(blocked).toMatchObject({ text: SCRIPTED_MESSAGE })
  })

  it('is judged where structured output is parsed from it', async () => {
    const result = (structuredOutputText: string) =>
      generated([{ type: 'text', text: 'Fine.' }], { result: { structuredOutputText } })

    expect((await result(`{"a":"${secret}"}`)).structuredOutputText).toBe('{"a":"[cut]"}')
    expect((await result('')).structuredOutputText).toBe('')
    expect(await result(`{"a":"${block}"}`)).toMatchObject({ finishReason: { unified: 'content-filter' } })
    expect(await result(`{"a":"${block}"}`)).not.toHaveProperty('structuredOutputText')
  })

  it('goes to onAbstain where it is the provider’s own', async () => {
    const custom: LanguageModelV4Content = {
      type: 'custom',
      kind: 'mock.block',
      providerMetadata: { mock: { content: 'opaque' } },
    }

    expect((await generated([custom])).content).toEqual([custom])
    expect(
      (await generated([custom], { policy: { stage: { onAbstain: 'block' } } })).finishReason,
    ).toMatchObject({ raw: 'guardrail' })
  })

  it('is judged where a file is a text', async () => {
    const data = Buffer.from(`a,${secret}`).toString('base64')

    const { content } = await generated([
      { type: 'file', mediaType: 'text/csv', data: { type: 'data', data } },
    ])

    const [file] = content
    expect(
      file?.type === 'file' &&
        Buffer.from(String('data' in file.data && file.data.data), 'base64').toString(),
    ).toBe('a,[cut]')
  })
})

describe('shadow mode', () => {
  const policy = { policy: { mode: 'shadow' } } as const
  const hologram = { type: 'hologram' } as never
  const providerMetadata = { mock: { logprobs: ['x'] } }
  const parts: StreamPart[] = [
    START,
    { type: 'raw', rawValue: 1 },
    { type: 'text-start', id: 't', providerMetadata },
    { type: 'text-delta', id: 't', delta: `${block} ${secret}` },
    { type: 'text-end', id: 't' },
    { type: 'tool-input-start', id: 'c', toolName: 't' },
    { type: 'tool-input-delta', id: 'c', delta: '{}' },
    { type: 'tool-call', toolCallId: 'c', toolName: 't', input: '{}' },
    hologram,
    { type: 'error', error: new Error('of the provider') },
  ]

  it('changes nothing of a stream, and records what it would have done', async () => {
    const bench = open({ policy, parts: [...parts, { ...FINISH, providerMetadata }] })
    const { stream } = await bench.model.doStream({ ...CALL, includeRawChunks: true })
    const passed: StreamPart[] = []
    for await (const part of stream) passed.push(part)

    const decision = bench.sink.decisions.at(-1)?.decision
    expect(decision).toMatchObject({ verdict: 'block', effective: 'allow' })
    const parapet = { decisionId: decision?.id }
    expect(passed).toEqual([...parts, { ...FINISH, providerMetadata: { ...providerMetadata, parapet } }])
  })

  it('changes nothing of an answer', async () => {
    const content: LanguageModelV4Content[] = [{ type: 'text', text: block, providerMetadata }]
    const response = { body: { wire: block } }

    const result = await generated(content, { policy, result: { response, providerMetadata } })

    expect(result).toMatchObject({ content, response, finishReason: { unified: 'stop' } })
    expect(result.providerMetadata).toEqual({
      ...providerMetadata,
      parapet: { decisionId: expect.any(String) },
    })
  })
})

describe('a caller that gives up while a request is held', () => {
  it('gets its own reason, and nobody was called', async () => {
    const { model, upstream, queue } = open({})
    const controller = new AbortController()
    const prompt: LanguageModelV4CallOptions['prompt'] = [
      { role: 'user', content: [{ type: 'text', text: hold }] },
    ]

    const answering = Promise.resolve(model.doGenerate({ prompt, abortSignal: controller.signal }))
    answering.catch(() => undefined)
    while ((await queue.count()).open === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    controller.abort(new Error('enough'))

    await expect(answering).rejects.toThrow('enough')
    expect(upstream.doGenerateCalls).toHaveLength(0)
  })
})

describe('a provider that is silent for too long', () => {
  const stalled = { code: 'PARAPET_ADAPTER_PROVIDER_STALLED' }
  const never = () => new Promise<never>(() => undefined)
  const guardedBy = (upstream: MockLanguageModelV4) => {
    const { guard, sink } = open({})
    return {
      sink,
      model: wrapLanguageModel({ model: upstream, middleware: guardMiddleware(guard, { stallMs: 5 }) }),
    }
  }

  it.each(['doGenerate', 'doStream'] as const)('before its answer is given up: %s', async (call) => {
    let signal: AbortSignal | undefined
    const asked = (options: LanguageModelV4CallOptions) => {
      signal = options.abortSignal
      return never()
    }
    const { model } = guardedBy(new MockLanguageModelV4({ doGenerate: asked, doStream: asked }))

    await expect(model[call](CALL)).rejects.toMatchObject(stalled)

    expect(signal?.aborted).toBe(true)
  })

  it('within its answer is given up, with what was judged on record', async () => {
    let cancelled = false
    const upstream = new ReadableStream<StreamPart>({
      start(controller) {
        for (const part of [START, ...block1('0', 'so far').slice(0, 2)]) controller.enqueue(part)
      },
      cancel() {
        cancelled = true
      },
    })
    const { model, sink } = guardedBy(
      new MockLanguageModelV4({ doStream: async () => ({ stream: upstream }) }),
    )

    const { stream } = await model.doStream(CALL)
    const parts: StreamPart[] = []
    for await (const part of stream) parts.push(part)

    expect(parts.map(({ type }) => type)).toEqual(['stream-start', 'error', 'finish'])
    expect(parts[1]).toMatchObject({ error: stalled })
    expect(cancelled).toBe(true)
    expect(sink.decisions.at(-1)?.complete).toBe(false)
  })
})

describe('options', () => {
  it.each([
    [{ raw: 'keep' }, 'raw'],
    [{ trustedMetadata: ['google'] }, 'trustedMetadata.0: expected provider.key'],
    [{ colour: 'red' }, 'colour'],
    [{ stallMs: 0 }, 'stallMs'],
    [{ stallMs: 2 ** 31 }, 'stallMs'],
  ])('that make no sense are refused: %#', (options, problem) => {
    expect(() => open({ options: options as never })).toThrow(
      expect.objectContaining({
        code: 'PARAPET_ADAPTER_OPTIONS',
        message: expect.stringContaining(problem),
      }),
    )
  })
})
