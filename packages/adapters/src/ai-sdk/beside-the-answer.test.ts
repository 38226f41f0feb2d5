import type {
  LanguageModelV4CallOptions,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { describe, expect, it } from '@jest/globals'
import { createGuard, memoryQueue } from '@parapet/sdk'
import { SCRIPTED_MESSAGE, SCRIPTED_WORDS, scriptedPolicy, wordDetector } from '@parapet/sdk/testing'
import { wrapLanguageModel } from 'ai'
import { MockLanguageModelV4 } from 'ai/test'
import { UNKNOWN_USAGE } from './filtered-answer.ts'
import { guardMiddleware } from './guard-middleware.ts'
import { resumeAnswer } from './resume-answer.ts'

type StreamPart = LanguageModelV4StreamPart
const { block, secret, hold } = SCRIPTED_WORDS
const CANARY = 'canary text'
const CALL: LanguageModelV4CallOptions = {
  prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
  tools: [{ type: 'function', name: 'run', inputSchema: {} }],
}
const stop = { unified: 'stop', raw: 'stop' } as const

function open(
  answer: { readonly result?: object; readonly parts?: readonly object[]; readonly around?: object },
  policy: Parameters<typeof scriptedPolicy>[0] = {},
) {
  const { result = {}, parts = [], around = {} } = answer
  const queue = memoryQueue()
  const guard = createGuard({ policy: scriptedPolicy({ detector: wordDetector(), ...policy }), queue })
  const upstream = new MockLanguageModelV4({
    doGenerate: async () =>
      ({
        content: [],
        finishReason: stop,
        usage: UNKNOWN_USAGE,
        warnings: [],
        ...result,
      }) as LanguageModelV4GenerateResult,
    doStream: async () =>
      ({ stream: ReadableStream.from([...parts]), ...around }) as LanguageModelV4StreamResult,
  })
  return { model: wrapLanguageModel({ model: upstream, middleware: guardMiddleware(guard) }), guard, queue }
}

const generated = (result: object, call: object = {}) =>
  open({ result }).model.doGenerate({ ...CALL, ...call })

async function streamed(parts: readonly object[], call: object = {}, around: object = {}) {
  const { stream, ...rest } = await open({ parts, around }).model.doStream({ ...CALL, ...call })
  const passed: StreamPart[] = []
  for await (const part of stream) passed.push(part)
  return { passed, rest }
}

const FINISH = { type: 'finish', finishReason: stop, usage: UNKNOWN_USAGE }
const toolCall = (members: object) => ({
  type: 'tool-call',
  toolCallId: 'c1',
  toolName: 'run',
  input: '{}',
  ...members,
})

describe('a tool’s name', () => {
  it('is judged when no such tool was offered, streamed and not', async () => {
    const blocked = toolCall({ toolName: `${block}` })
    const { passed } = await streamed([
      { type: 'tool-input-start', id: 'c1', toolName: block },
      blocked,
      FINISH,
    ])

    expect((await generated({ content: [blocked] })).content).toMatchObject([{ text: SCRIPTED_MESSAGE }])
    expect(JSON.stringify(passed)).not.toContain(block)
    expect(passed.at(-1)).toMatchObject({ finishReason: { raw: 'guardrail' } })
  })

  it('leaves edited, in its input’s start too, and in results', async () => {
    const { passed } = await streamed([
      { type: 'tool-input-start', id: 'c1', toolName: secret, title: CANARY },
      toolCall({ toolName: secret, title: CANARY }),
      { type: 'tool-result', toolCallId: 'c1', toolName: secret, result: 1, title: CANARY },
      FINISH,
    ])

    const named = passed.filter((part) => 'toolName' in part)
    expect(named.map((part) => ('toolName' in part ? part.toolName : ''))).toEqual(Array(3).fill('[cut]'))
    expect(JSON.stringify(passed)).not.toContain(secret)
    expect(JSON.stringify(passed)).not.toContain(CANARY)
  })

  it('is stored as it was released', async () => {
    const content = [toolCall({ toolName: secret, input: JSON.stringify({ a: hold }) })]
    const { model, guard, queue } = open(
      { result: { content } },
      { review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' } },
    )
    const { providerMetadata } = await model.doGenerate(CALL)
    const claim = await queue.claim({ reviewer: 'ada' })
    await queue.decide({ id: claim?.item.id ?? '', token: claim?.token ?? '', outcome: 'approve' })

    const resumed = await guard.resume(String(providerMetadata?.['parapet']?.['ticket']))

    if (resumed.kind !== 'answer') throw new Error(resumed.kind)
    expect(resumeAnswer(resumed).content).toEqual([
      { type: 'tool-call', toolCallId: 'c1', toolName: '[cut]', input: JSON.stringify({ a: hold }) },
    ])
  })
})

describe('ids', () => {
  it('of no plain form are replaced, by the same one everywhere', async () => {
    const { passed } = await streamed([
      { type: 'tool-input-start', id: CANARY, toolName: 'run' },
      toolCall({ toolCallId: CANARY }),
      { type: 'tool-approval-request', approvalId: `${CANARY}!`, toolCallId: CANARY },
      { type: 'tool-result', toolCallId: CANARY, toolName: 'run', result: 1 },
      { type: 'source', sourceType: 'url', id: CANARY, url: 'https://example.com', note: CANARY },
      FINISH,
    ])

    expect(JSON.stringify(passed)).not.toContain(CANARY)
    const ids = passed.flatMap((part) => ('toolCallId' in part ? [part.toolCallId] : []))
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(1)
    expect(passed[0]).toMatchObject({ type: 'tool-input-start', id: ids[0] })
  })

  it('of a plain form stay', async () => {
    expect((await generated({ content: [toolCall({ toolCallId: 'functions.run:0' })] })).content).toEqual([
      toolCall({ toolCallId: 'functions.run:0' }),
    ])
  })
})

const counts = { total: 3, noCache: undefined, cacheRead: undefined, cacheWrite: undefined }
const outputs = { total: 4, text: 4, reasoning: undefined }
const beside = (text: string) => ({
  content: [{ type: 'text', text }],
  usage: { inputTokens: { ...counts, note: CANARY }, outputTokens: outputs, raw: { note: CANARY } },
  finishReason: { unified: 'stop', raw: CANARY },
  warnings: [
    { type: 'unsupported', feature: 'seed', details: CANARY },
    { type: 'other', message: CANARY },
  ],
  response: {
    id: 'r1',
    modelId: 'm1',
    timestamp: new Date(0),
    headers: { 'x-request-id': 'q1', 'x-note': CANARY },
    messages: [CANARY],
    body: CANARY,
  },
  note: CANARY,
})

describe('an unstreamed answer', () => {
  it('is built from known members when it is allowed', async () => {
    const result = await generated(beside('Fine.'))

    expect(JSON.stringify(result)).not.toContain(CANARY)
    expect(result).toMatchObject({
      finishReason: { unified: 'stop', raw: undefined },
      usage: { inputTokens: { total: 3 }, outputTokens: { total: 4 } },
      warnings: [{ type: 'unsupported', feature: 'seed' }, { type: 'other' }],
      response: { id: 'r1', modelId: 'm1', timestamp: new Date(0), headers: { 'x-request-id': 'q1' } },
    })
  })

  it('says nothing but counts, time and model when it is blocked', async () => {
    const result = await generated(beside(block))

    expect(Object.keys(result).sort()).toEqual([
      'content',
      'finishReason',
      'providerMetadata',
      'response',
      'usage',
      'warnings',
    ])
    expect(result.response).toEqual({ modelId: 'm1', timestamp: new Date(0) })
    expect(result.warnings).toEqual([])
    expect(result.usage).toEqual({ inputTokens: counts, outputTokens: outputs })
  })
})

it('builds what stands around a stream, and its parts, from known members', async () => {
  const { usage, finishReason, warnings, response } = beside('')
  const { passed, rest } = await streamed(
    [
      { type: 'stream-start', warnings, body: CANARY },
      { type: 'response-metadata', ...response },
      { type: 'ping', note: CANARY },
      { type: 'finish', usage, finishReason, note: CANARY },
    ],
    {},
    { response: { headers: response.headers, body: CANARY }, note: CANARY },
  )

  expect(JSON.stringify([passed, rest])).not.toContain(CANARY)
  expect(passed.map(({ type }) => type)).toEqual(['stream-start', 'response-metadata', 'ping', 'finish'])
  expect(rest).toEqual({ response: { headers: { 'x-request-id': 'q1' } } })
})

it('takes a tool’s result of undefined for JSON’s null', async () => {
  const result = { type: 'tool-result', toolCallId: 'c1', toolName: 'run', result: undefined }

  const { passed } = await streamed([result, FINISH])

  expect(passed).toMatchObject([{ type: 'tool-result', result: null }, { type: 'finish' }])
})

describe('structured output', () => {
  const json = { responseFormat: { type: 'json' } }
  const escaped = `\\u${block.charCodeAt(0).toString(16).padStart(4, '0')}${block.slice(1)}`
  const text = (id: string, delta: string) => [
    { type: 'text-start', id },
    { type: 'text-delta', id, delta },
    { type: 'text-end', id },
  ]
  const cut = { ...FINISH, finishReason: { unified: 'length', raw: 'length' } }

  it.each([
    ['in one text', text('a', `{"a":"${escaped}`)],
    ['in a text without an end', text('a', `{"a":"${escaped}`).slice(0, 2)],
    ['in several texts', [...text('a', '{"a":"'), ...text('b', escaped)]],
  ])('that is cut off %s is blocked', async (_, parts) => {
    const { passed } = await streamed([...parts, cut], json)

    expect(passed.at(-1)).toMatchObject({ finishReason: { raw: 'guardrail' } })
    expect(JSON.stringify(passed)).not.toContain(escaped.slice(1))
  })

  it('that is cut off is blocked where a rule would redact it, and passes where none holds', async () => {
    const hidden = `\\u0053${secret.slice(1)}`
    const redacted = await streamed([...text('a', `{"a":"${hidden}`), cut], json)
    const fine = await streamed([...text('a', '{"a":"fine'), cut], json)

    expect(redacted.passed.at(-1)).toMatchObject({ finishReason: { raw: 'guardrail' } })
    expect(fine.passed).toMatchObject([
      {},
      { delta: '{"a":"fine' },
      {},
      { finishReason: { unified: 'length' } },
    ])
  })

  it('is judged as one text where it stands in several', async () => {
    const { passed } = await streamed([...text('a', '{"a":"'), ...text('b', `${secret}"}`), FINISH], json)
    const result = await generated(
      {
        content: [
          { type: 'text', text: '{"a":"' },
          { type: 'text', text: `${secret}"}` },
        ],
      },
      json,
    )

    expect(passed.flatMap((part) => (part.type === 'text-delta' ? [part.delta] : []))).toEqual([
      '{"a":"[cut]"}',
    ])
    expect(result.content).toEqual([{ type: 'text', text: '{"a":"[cut]"}' }])
  })

  it('lets prose beside a tool call pass, in its place', async () => {
    const { passed } = await streamed([...text('a', 'Let me look.'), toolCall({}), FINISH], json)

    expect(passed.map(({ type }) => type)).toEqual([
      'text-start',
      'text-delta',
      'text-end',
      'tool-call',
      'finish',
    ])
  })
})

it('takes an id of 300 characters from the call, and not one of 301', async () => {
  const call = (length: number) => ({ providerOptions: { parapet: { requestId: 'r'.repeat(length) } } })

  await expect(generated({}, call(300))).resolves.toMatchObject({ finishReason: stop })
  await expect(generated({}, call(301))).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_CONTEXT_INVALID' })
})
