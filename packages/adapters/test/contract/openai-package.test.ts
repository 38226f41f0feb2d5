import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  guardOpenAI,
  parapetHeaders,
  parapetOf,
  resumedCompletion,
  resumedResponse,
} from '@parapet/adapters/openai'
import { createGuard, memoryQueue, type Resumed } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_MESSAGE,
  SCRIPTED_WORDS,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  wordDetector,
} from '@parapet/sdk/testing'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import OpenAI from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { bodyOf, chunk, completion, DONE } from './wire-bench.ts'

const { block, hold, secret } = SCRIPTED_WORDS
const server = setupServer()
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterAll(() => server.close())

type Body = Record<string, unknown>
type Answer = Body | readonly string[]

/** The real client, guarded, in front of a provider that answers one after another. */
function bench(answers: readonly Answer[], options: ScriptedPolicyOptions = {}) {
  const sink = recordingSink()
  const queue = memoryQueue()
  const policy = scriptedPolicy({ detector: wordDetector(), ...options })
  const guard = createGuard({ policy, queue, records: sink, memoEntries: 0 })
  const calls: Body[] = []
  server.resetHandlers(
    http.post('https://provider.test/v1/*', async ({ request }) => {
      calls.push((await request.json()) as Body)
      const answer = answers[calls.length - 1] ?? {}
      if (!Array.isArray(answer)) return HttpResponse.json(answer as never)
      const headers = { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked' }
      return new HttpResponse(bodyOf(answer), { headers })
    }),
  )
  const own = new OpenAI({ apiKey: 'none', baseURL: 'https://provider.test/v1', logLevel: 'off' })
  const client = guardOpenAI(own, guard)
  const approve = async (ticket: string): Promise<Resumed> => {
    const claim = await queue.claim({ reviewer: 'ada' })
    if (claim) await queue.decide({ id: claim.item.id, token: claim.token, outcome: 'approve' })
    return guard.resume(ticket)
  }
  return { client, calls, sink, approve }
}

const ask = (content = 'hi') => ({ model: 'm', messages: [{ role: 'user' as const, content }] })
const streamOf = (...texts: readonly string[]) => [
  ...texts.map((content) => chunk({ content })),
  chunk({}, 'stop'),
  DONE,
]
const Weather = z.object({ city: z.string(), note: z.string() })
const weather = JSON.stringify({ city: 'Bern', note: secret }).replace('-', '\\u002d')

const call = (name: string, input: object, id = 'c1') => ({
  content: null,
  tool_calls: [{ id, type: 'function', function: { name, arguments: JSON.stringify(input) } }],
})

const response = (output: readonly Body[], more: Body = {}): Body => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  model: 'm',
  status: 'completed',
  output,
  ...more,
})
const message = (text: string): Body => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
})

describe('chat.completions.parse', () => {
  it('gives objects that follow the redacted text', async () => {
    const { client } = bench([completion({ content: weather })])

    const { choices } = await client.chat.completions.parse({
      ...ask(),
      response_format: zodResponseFormat(Weather, 'weather'),
    })

    expect(choices[0]?.message.parsed).toEqual({ city: 'Bern', note: '[cut]' })
  })

  it('says that the content was filtered', async () => {
    const { client, calls } = bench([completion({ content: JSON.stringify({ city: block, note: '' }) })])

    await expect(
      client.chat.completions.parse({ ...ask(), response_format: zodResponseFormat(Weather, 'weather') }),
    ).rejects.toThrow('content filter')
    expect(calls).toHaveLength(1)
  })
})

describe('chat.completions.stream', () => {
  it('tells its listeners what was released, and nothing else', async () => {
    const { client } = bench([streamOf('It is SEC', 'RET-12', '34, I say.')], {
      release: { windowCharacters: 40 },
    })
    const heard: string[] = []

    const runner = client.chat.completions.stream(ask())
    runner.on('content', (delta) => heard.push(delta))
    runner.on('chunk', (each) => heard.push(JSON.stringify(each)))

    expect(await runner.finalContent()).toBe('It is [cut], I say.')
    expect(heard.join('')).not.toMatch(/SEC|RET|1234/)
  })

  it('ends with the message, and the decision in its last chunk', async () => {
    const { client, sink } = bench([streamOf(`${block} and more`)])

    const final = await client.chat.completions.stream(ask()).finalChatCompletion()

    expect(final.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: SCRIPTED_MESSAGE },
    })
    expect(sink.find(parapetOf(final)?.decisionId ?? '')?.decision.verdict).toBe('block')
  })
})

describe('chat.completions.runTools', () => {
  const tool = (run: (input: { city: string }) => string) => ({
    type: 'function' as const,
    function: {
      name: 'weather',
      description: 'Tells the weather.',
      parameters: { type: 'object', properties: { city: { type: 'string' } } },
      parse: JSON.parse as (input: string) => { city: string },
      function: run,
    },
  })

  it('runs a tool with the released arguments, and judges what it returns before the model reads it', async () => {
    const { client, calls, sink } = bench([
      completion(call('weather', { city: secret })),
      completion({ content: 'Sunny.' }),
    ])
    const asked: unknown[] = []

    const text = await client.chat.completions
      .runTools(
        {
          ...ask(),
          tools: [
            tool(({ city }) => {
              asked.push(city)
              return `Sunny, and the key is ${secret}.`
            }),
          ],
        },
        { headers: parapetHeaders({ tenant: 'acme' }) },
      )
      .finalContent()

    expect(text).toBe('Sunny.')
    expect(asked).toEqual(['[cut]'])
    expect(JSON.stringify(calls[1])).toContain('Sunny, and the key is [cut].')
    expect(new Set(sink.decisions.map(({ tenant }) => tenant))).toEqual(new Set(['acme']))
  })

  it('runs no tool after a block: the client itself says that the content was filtered', async () => {
    const { client, calls } = bench([completion(call('weather', { city: block }))])
    let ran = false
    const tools = [
      tool(() => {
        ran = true
        return ''
      }),
    ]

    const running = client.chat.completions.runTools({ ...ask(), tools }).finalContent()

    await expect(running).rejects.toThrow('content filter')
    expect(ran).toBe(false)
    expect(calls).toHaveLength(1)
  })
})

describe('responses', () => {
  it('parse gives objects that follow the redacted text', async () => {
    const { client } = bench([response([message(weather)])])

    const parsed = await client.responses.parse({
      model: 'm',
      input: 'hi',
      text: { format: zodTextFormat(Weather, 'weather') },
    })

    expect(parsed.output_parsed).toEqual({ city: 'Bern', note: '[cut]' })
  })

  it('parse gives the message as a refusal, for a text would have to be JSON', async () => {
    const { client } = bench([response([message(JSON.stringify({ city: block, note: '' }))])])

    const parsed = await client.responses.parse({
      model: 'm',
      input: 'hi',
      text: { format: zodTextFormat(Weather, 'weather') },
    })

    expect(parsed.output_parsed).toBeNull()
    expect(parsed.status).toBe('incomplete')
    expect(parsed.output).toMatchObject([{ content: [{ type: 'refusal', refusal: SCRIPTED_MESSAGE }] }])
  })

  it('create says why it is incomplete, and by which decision', async () => {
    const { client, sink } = bench([response([message(block), message('more')])])

    const { data, response: raw } = await client.responses.create({ model: 'm', input: 'hi' }).withResponse()

    expect(data).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
      output_text: SCRIPTED_MESSAGE,
    })
    expect(sink.find(parapetOf(data)?.decisionId ?? '')).toBeDefined()
    expect(raw.headers.get('x-parapet-decision-id')).toBe(parapetOf(data)?.decisionId)
  })

  it('judges items of tools that the provider ran, JSON within their texts too', async () => {
    const mcp = {
      id: 'mcp_1',
      type: 'mcp_call',
      status: 'completed',
      server_label: 'desk',
      name: 'look',
      arguments: '{"q":"SECRET\\u002d1234"}',
      output: `The key: ${secret}`,
      aside: secret,
    }
    const { client } = bench([
      response([
        mcp,
        { id: 'ws', type: 'web_search_call', status: 'completed', action: { type: 'search', query: secret } },
      ]),
    ])

    const { output } = await client.responses.create({ model: 'm', input: 'hi' })

    expect(output).toEqual([
      {
        id: 'mcp_1',
        type: 'mcp_call',
        status: 'completed',
        server_label: 'desk',
        name: 'look',
        arguments: '{"q":"[cut]"}',
        output: 'The key: [cut]',
      },
      { id: 'ws', type: 'web_search_call', status: 'completed', action: { type: 'search', query: '[cut]' } },
    ])
  })

  it.each([
    ['SECRET-1234 think', {}, [{ type: 'summary_text', text: '[cut] think' }]],
    ['x SECRET-1234 think', {}, [{ type: 'summary_text', text: 'x [cut] think' }]],
    ['SECRET-1234 think', { encrypted_content: 'gAAA' }, []],
  ])('keeps reasoning that is edited where it stood: %s %j', async (said, seal, summary) => {
    const reasoning = {
      id: 'rs',
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: said }],
      ...seal,
    }
    const whole = response([reasoning, message('Hi.')])
    const event = (type: string, data: Body) => `data: ${JSON.stringify({ type, ...data })}\n\n`
    const events = [
      event('response.output_item.added', { output_index: 0, item: { ...reasoning, summary: [] } }),
      event('response.reasoning_summary_text.delta', { output_index: 0, summary_index: 0, delta: said }),
      event('response.output_item.done', { output_index: 0, item: reasoning }),
      event('response.completed', { response: whole }),
    ]

    const { output } = await bench([whole]).client.responses.create({ model: 'm', input: 'hi' })
    const streamed = await bench([events])
      .client.responses.stream({ model: 'm', input: 'hi' })
      .finalResponse()

    for (const items of [output, streamed.output])
      expect(items).toMatchObject([
        { id: 'rs', type: 'reasoning', summary },
        { type: 'message', content: [{ text: 'Hi.' }] },
      ])
    expect(JSON.stringify([output, streamed.output])).not.toMatch(/gAAA|SECRET/)
  })

  it('passes sealed reasoning that has no text, where it stood', async () => {
    const sealed = { id: 'rs', type: 'reasoning', summary: [], encrypted_content: 'gAAA' }
    const { client } = bench([response([sealed, message('Hi.')])])

    const { output } = await client.responses.create({ model: 'm', input: 'hi' })

    expect(output[0]).toEqual(sealed)
  })

  it.each<[string, Body, string]>([
    [
      'failed',
      response([message(block)], { status: 'failed', error: { message: block } }),
      'PROVIDER_FAILED',
    ],
    ['still runs', response([], { status: 'in_progress' }), 'ANSWER_MALFORMED'],
    ['has no output', { id: 'resp_1', status: 'completed' }, 'ANSWER_MALFORMED'],
    ['has an unknown item', response([{ id: 'x', type: 'hologram', text: block }]), 'PART_UNKNOWN'],
    [
      'has an unknown part',
      response([{ ...message(''), content: [{ type: 'hologram', text: block }] }]),
      'PART_UNKNOWN',
    ],
    [
      'cites in an unknown way',
      response([
        {
          ...message(''),
          content: [{ type: 'output_text', text: 'a', annotations: [{ type: 'x', title: block }] }],
        },
      ]),
      'PART_UNKNOWN',
    ],
  ])('gives a typed error, once, for an answer that %s', async (_, answer, code) => {
    const { client, calls } = bench([answer])

    const failed: unknown = await client.responses
      .create({ model: 'm', input: 'hi' })
      .catch((error: unknown) => error)

    expect(failed).toMatchObject({ code: `PARAPET_ADAPTER_${code}` })
    expect(String(failed)).not.toContain(block)
    expect(calls).toHaveLength(1)
  })
})

describe('a stream of responses', () => {
  const event = (type: string, members: Body) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...members })}\n\n`
  const item = { id: 'msg_1', type: 'message', role: 'assistant', status: 'in_progress', content: [] }
  const begin = [
    event('response.created', { response: response([], { status: 'in_progress' }) }),
    event('response.output_item.added', { output_index: 0, item }),
  ]
  const delta = (text: string, more: Body = {}) =>
    event('response.output_text.delta', {
      item_id: 'msg_1',
      output_index: 0,
      content_index: 0,
      delta: text,
      ...more,
    })
  const end = (text: string) => [
    event('response.output_item.done', { output_index: 0, item: message(text) }),
    event('response.completed', { response: response([message(text)]) }),
  ]
  const types = async (pieces: readonly string[], options: ScriptedPolicyOptions = {}) => {
    const { client } = bench([pieces], options)
    const seen: OpenAI.Responses.ResponseStreamEvent[] = []
    for await (const each of await client.responses.create({ model: 'm', input: 'hi', stream: true }))
      seen.push(each)
    return seen
  }

  it('leaves out events that it does not know, with whatever they say', async () => {
    const seen = await types([
      ...begin,
      event('response.hologram.delta', { text: block }),
      delta('Hi.'),
      ...end('Hi.'),
    ])

    expect(seen.at(-1)).toMatchObject({ type: 'response.completed', response: { status: 'completed' } })
    expect(JSON.stringify(seen)).not.toContain(block)
  })

  it('takes an item that did not stream from the end, judged', async () => {
    const seen = await types([begin[0] ?? '', ...end(`It is ${secret}`).slice(1)])

    expect(seen.filter(({ type }) => type === 'response.output_text.delta')).toMatchObject([
      { delta: 'It is [cut]' },
    ])
  })

  it('ends in mid-stream with a message of its own, after what had been released', async () => {
    const text = `${'a'.repeat(80)} ${block} ${'b'.repeat(80)}`
    const seen = await types(
      [...begin, ...(text.match(/.{1,9}/g) ?? []).map((each) => delta(each)), ...end(text)],
      {
        release: { windowCharacters: 40 },
      },
    )

    const last = seen.at(-1)
    expect(last).toMatchObject({
      type: 'response.incomplete',
      response: {
        status: 'incomplete',
        incomplete_details: { reason: 'content_filter' },
        output: [
          { id: 'msg_1', status: 'incomplete', content: [{ text: expect.stringMatching(/^a+$/) }] },
          { status: 'completed', content: [{ text: SCRIPTED_MESSAGE }] },
        ],
      },
    })
    expect(JSON.stringify(seen)).not.toMatch(/BLOCK|bbb/)
  })

  it.each<[string, readonly string[]]>([
    ['a text before its item', [begin[0] ?? '', delta('a')]],
    ['a place that is none', [...begin, delta('a', { output_index: -1 })]],
    ['an item twice', [...begin, begin[1] ?? '']],
    [
      'a text that goes on after its end',
      [
        ...begin,
        delta('a'),
        event('response.output_text.done', { output_index: 0, content_index: 0, text: 'a' }),
        delta('b'),
      ],
    ],
    [
      'an item that ends as another',
      [...begin, event('response.output_item.done', { output_index: 0, item: { type: 'reasoning' } })],
    ],
    ['a piece that is no text', [...begin, delta(7 as never)]],
  ])('fails, typed, at %s', async (_, pieces) => {
    await expect(types(pieces)).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_ANSWER_MALFORMED' })
  })

  it('fails, typed, with the provider', async () => {
    await expect(types([...begin, event('error', { message: block })])).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PROVIDER_FAILED',
    })
    await expect(types([...begin, delta('a')])).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_STREAM_ENDED',
    })
  })
})

describe('over a network, the provider', () => {
  /** A provider that goes on until somebody leaves it. */
  function endless(text: string) {
    let left: () => void = () => undefined
    const gone = new Promise<void>((resolve) => {
      left = resolve
    })
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 2))
          controller.enqueue(new TextEncoder().encode(chunk({ content: text })))
        },
        cancel: () => left(),
      },
      { highWaterMark: 0 },
    )
    const headers = { 'content-type': 'text/event-stream', 'transfer-encoding': 'chunked' }
    const { client } = bench([], { release: { windowCharacters: 40 } })
    server.resetHandlers(http.post('https://provider.test/v1/*', () => new HttpResponse(body, { headers })))
    return { client, gone }
  }

  it('is left when the answer is blocked', async () => {
    const { client, gone } = endless(`${block} and so on, `)

    const final = await client.chat.completions.stream(ask()).finalChatCompletion()

    await gone
    expect(final.choices[0]?.finish_reason).toBe('content_filter')
  })

  it('is left when the caller leaves', async () => {
    const { client, gone } = endless('and so on, ')

    for await (const each of await client.chat.completions.create({ ...ask(), stream: true }))
      if (each.choices[0]?.delta.content) break

    await gone
  })
})

describe('a held answer that was approved', () => {
  const review = { mode: 'defer', withinMs: 60_000, otherwise: 'block' } as const

  it('comes back as choices, edits applied', async () => {
    const first = {
      reasoning_content: 'Hm.',
      content: `${hold} ${secret}`,
      ...{ tool_calls: call('look', { q: secret }).tool_calls },
    }
    const answer = completion(first)
    const second = {
      index: 1,
      message: { role: 'assistant', content: 'Two', refusal: 'No.' },
      finish_reason: 'stop',
    }
    const { client, approve } = bench([{ ...answer, choices: [...(answer['choices'] as Body[]), second] }], {
      review,
    })

    const held = await client.chat.completions.create({ ...ask(), n: 2 })
    const resumed = await approve(parapetOf(held)?.ticket ?? '')
    if (resumed.kind !== 'answer') throw new Error(resumed.kind)

    expect(resumedCompletion(resumed)).toEqual({
      choices: [
        {
          index: 0,
          finish_reason: 'tool_calls',
          message: {
            role: 'assistant',
            content: `${hold} [cut]`,
            refusal: null,
            reasoning_content: 'Hm.',
            tool_calls: [
              { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"q":"[cut]"}' } },
            ],
          },
        },
        {
          index: 1,
          finish_reason: 'stop',
          message: { role: 'assistant', content: 'Two', refusal: 'No.' },
        },
      ],
      missing: [],
    })
  })

  it('comes back as output, edits applied', async () => {
    const mcp = {
      id: 'mcp_1',
      type: 'mcp_call',
      status: 'completed',
      server_label: 's',
      name: 'f',
      arguments: `{"q":"${secret}"}`,
      output: 'ok',
    }
    const { client, approve } = bench([response([mcp, message(`${hold} ${secret}`)])], { review })

    const held = await client.responses.create({ model: 'm', input: 'hi' })
    const resumed = await approve(parapetOf(held)?.ticket ?? '')
    if (resumed.kind !== 'answer') throw new Error(resumed.kind)

    expect(resumedResponse(resumed)).toEqual({
      output: [
        { ...mcp, arguments: '{"q":"[cut]"}' },
        {
          id: 'parapet_1',
          type: 'message',
          role: 'assistant',
          status: 'completed',
          content: [{ type: 'output_text', text: `${hold} [cut]`, annotations: [] }],
        },
      ],
      output_text: `${hold} [cut]`,
      missing: [],
    })
  })

  it('is not read where another adapter stored it', () => {
    const foreign = { parts: [{ stage: 'toolResult', toolName: 'f', text: '{}', json: true }] } as const

    expect(() => resumedCompletion({ answer: foreign })).toThrow(
      expect.objectContaining({ code: 'PARAPET_ADAPTER_ANSWER_FOREIGN' }),
    )
  })
})
