import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk'
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema'
import { betaRefusalFallbackMiddleware } from '@anthropic-ai/sdk/lib/middleware'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import {
  decisionOf,
  type GuardAnthropicOptions,
  guardAnthropic,
  parapet,
  resumeAnswer,
} from '@parapet/adapters/anthropic'
import { createGuard, memoryQueue } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_MESSAGE,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  type UpstreamPart,
} from '@parapet/sdk/testing'
import { HttpResponse, http } from 'msw/http'
import { nextAddress, providerServer } from '../wire/provider-server.ts'
import { scriptedResponse } from './scripted-anthropic.ts'

beforeAll(() => providerServer.listen({ onUnhandledFrame: 'error' }))
afterEach(() => providerServer.resetHandlers())
afterAll(() => providerServer.close())

interface Setup extends ScriptedPolicyOptions {
  readonly parts?: readonly UpstreamPart[]
  readonly client?: Partial<ClientOptions>
  readonly options?: GuardAnthropicOptions
  /** Statuses of the first answers, before the scripted one. */
  readonly statuses?: readonly number[]
}

interface Seen {
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

function setUp({
  parts = [text('Hello.')],
  client: given = {},
  options,
  statuses = [],
  ...policy
}: Setup = {}) {
  const baseURL = nextAddress()
  const calls: Seen[] = []
  const see = async (request: Request) => {
    const body = await request.text()
    calls.push({ url: request.url, headers: request.headers, body })
    return body
  }
  providerServer.use(
    http.post(`${baseURL}/v1/messages`, async ({ request }) => {
      const body = await see(request)
      const status = statuses[calls.length - 1]
      if (status !== undefined)
        return HttpResponse.json(
          { type: 'error', error: { type: 'rate_limit_error', message: 'slow' } },
          { status, headers: { 'retry-after-ms': '1' } },
        )
      return scriptedResponse({ parts }, JSON.parse(body))
    }),
    http.all(`${baseURL}/*`, async ({ request }) => {
      await see(request)
      return HttpResponse.json({ input_tokens: 5, data: [], id: 'm', type: 'model' })
    }),
  )
  const queue = memoryQueue()
  const sink = recordingSink()
  const guard = createGuard({ policy: scriptedPolicy(policy), queue, records: sink, memoEntries: 0 })
  const bare = new Anthropic({ apiKey: 'key', baseURL, ...given })
  return { client: guardAnthropic(bare, guard, options), bare, calls, queue, sink, guard, baseURL }
}

const text = (content: string): UpstreamPart => ({ kind: 'text', text: content })
const ask = (content: string) => ({
  model: 'claude-scripted',
  max_tokens: 9,
  messages: [{ role: 'user' as const, content }],
})
const refused = { stop_reason: 'refusal', content: [{ type: 'text', text: SCRIPTED_MESSAGE }] }

describe('the guarded client of Anthropic', () => {
  it('keeps the promise of the SDK: raw responses are judged too', async () => {
    const { client } = setUp({ parts: [text('It is SECRET-1234.')] })

    const raw = await client.messages.create(ask('Hi.')).asResponse()
    const { data, response } = await client.messages.create(ask('Hi.')).withResponse()
    const stream = await client.messages.create({ ...ask('Hi.'), stream: true }).asResponse()

    expect(await raw.text()).toContain('It is [cut].')
    expect(data.content).toMatchObject([{ text: 'It is [cut].' }])
    expect(response.headers.get('x-parapet-decision-id')).toBe(decisionOf(data)?.decisionId)
    expect(await stream.text()).not.toContain('SECRET-1234')
  })

  it('streams by the helper, with the message for end users at the end of what was released', async () => {
    const { client } = setUp({
      parts: [text(`${'a'.repeat(80)} BLOCK-ME`)],
      release: { windowCharacters: 40 },
    })
    const heard: string[] = []

    const message = await client.messages
      .stream(ask('Hi.'))
      .on('text', (piece) => void heard.push(piece))
      .finalMessage()

    expect(message.stop_reason).toBe('refusal')
    expect(message.content.map((block) => 'text' in block && block.text)).toEqual([
      expect.stringMatching(/^a+$/),
      SCRIPTED_MESSAGE,
    ])
    expect(heard.join('')).toMatch(new RegExp(`^a+${SCRIPTED_MESSAGE}$`))
    expect(decisionOf(message)).toEqual({ decisionId: expect.any(String) })
  })

  it('parses structured output as it was released', async () => {
    const { client } = setUp({ parts: [text('{"a":"SECRET\\u002d1234"}')] })
    const format = jsonSchemaOutputFormat({
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
    } as const)

    const message = await client.messages.parse({ ...ask('Hi.'), output_config: { format } })

    expect(message.parsed_output).toEqual({ a: '[cut]' })
  })

  it('judges beta messages by the same rules', async () => {
    const { client, calls } = setUp({ parts: [text('It is SECRET-1234.')] })

    const message = await client.beta.messages.create({ ...ask('Hi.'), betas: ['some-beta'] })

    expect(message.content).toMatchObject([{ text: 'It is [cut].' }])
    expect(calls[0]?.headers.get('anthropic-beta')).toContain('some-beta')
  })

  it('sends whom a call is for to the guard, and to nobody else', async () => {
    const { client, calls, queue } = setUp({
      review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
    })
    const context = { tenant: 'acme', subjectKey: 'u-1', requestId: 'r-1', locale: 'de' }

    await client.messages.create(ask('HOLD-ME'), parapet(context))
    await client.messages.create(ask('Hi.'), parapet(context, { 'x-own': 'kept' }))

    expect((await queue.list()).items).toMatchObject([{ tenant: 'acme' }])
    const sent = [...(calls[0]?.headers ?? [])].map(([name]) => name)
    expect(sent.filter((name) => name.startsWith('x-parapet'))).toEqual([])
    expect(sent).toEqual(expect.arrayContaining(['x-own', 'authorization']))
  })

  it('refuses a context that is none, and says no word of it', async () => {
    const { client, calls } = setUp()
    const long = { headers: { 'x-parapet-tenant': 'canary'.repeat(100) } }

    expect(() => parapet({ tenant: '秘密' })).toThrow(
      expect.objectContaining({ code: 'PARAPET_ADAPTER_CONTEXT_INVALID' }),
    )
    await expect(client.messages.create(ask('Hi.'), long)).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_CONTEXT_INVALID',
      message: expect.not.stringContaining('canary'),
    })
    expect(calls).toEqual([])
  })

  it('retries the provider and never the guard: a grant is used once for all attempts', async () => {
    const setup = setUp({
      statuses: [200, 429, 500].slice(1),
      review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
    })
    const held = await setup.client.messages.create(ask('HOLD-ME'))
    const { ticket = '' } = decisionOf(held) ?? {}
    const claim = await setup.queue.claim({ reviewer: 'ada' })
    if (claim) await setup.queue.decide({ id: claim.item.id, token: claim.token, outcome: 'approve' })

    const answer = await setup.client.messages.create(ask('HOLD-ME'), parapet({ grant: ticket }))

    expect(answer.content).toMatchObject([{ text: 'Hello.' }])
    expect(setup.calls).toHaveLength(3)
  })

  it('asks the provider once where the answer is blocked', async () => {
    const { client, calls } = setUp({ parts: [text('BLOCK-ME')] })

    expect(await client.messages.create(ask('Hi.'))).toMatchObject(refused)
    expect(calls).toHaveLength(1)
  })

  it('stands before every other middleware: none can ask again for what the guard refused', async () => {
    const seen: string[] = []
    const { client, calls } = setUp({
      parts: [text('BLOCK-ME')],
      client: {
        middleware: [
          betaRefusalFallbackMiddleware([{ model: 'other' }]),
          async (request, next) => {
            seen.push('inside')
            return next(request)
          },
        ],
      },
    })

    expect(await client.beta.messages.create({ ...ask('Hi.') })).toMatchObject(refused)
    expect(calls).toHaveLength(1)
    expect(seen).toEqual(['inside'])
  })

  it('stays guarded when options are changed, and leaves the client that it was given alone', async () => {
    const { client, bare } = setUp({ parts: [text('BLOCK-ME')] })
    const changed = client.withOptions({ maxRetries: 5, middleware: [] }).withOptions({ timeout: 1_000 })

    expect(changed).toBeInstanceOf(Anthropic)
    expect([changed.maxRetries, changed.timeout]).toEqual([5, 1_000])
    expect(await changed.messages.create(ask('Hi.'))).toMatchObject(refused)
    expect(await bare.messages.create(ask('Hi.'))).toMatchObject({ content: [{ text: 'BLOCK-ME' }] })
    expect(() => Object.assign(client, { middleware: [] })).toThrow(TypeError)
  })

  it('refuses a client that would drop the guard without a word', () => {
    const { guard } = setUp()
    const old = { withOptions: () => ({}) } as unknown as Anthropic

    expect(() => guardAnthropic(old, guard)).toThrow(
      expect.objectContaining({ code: 'PARAPET_ADAPTER_OPTIONS', message: expect.stringContaining('1.12') }),
    )
  })

  it('counts tokens and lists models, unjudged', async () => {
    const { client, calls } = setUp()
    const { max_tokens: _, ...countable } = ask('BLOCK-ME')

    expect(await client.messages.countTokens(countable, parapet({ tenant: 'acme' }))).toMatchObject({
      input_tokens: 5,
    })
    await client.models.list()
    await client.models.retrieve('m')

    expect(calls).toHaveLength(3)
    expect(calls[0]?.headers.get('x-parapet-tenant')).toBeNull()
  })

  it.each([
    ['batches', (client: Anthropic) => client.messages.batches.create({ requests: [] })],
    ['results of batches', (client: Anthropic) => client.messages.batches.results('canary')],
    ['downloads', (client: Anthropic) => client.files.download('canary')],
    ['agents', (client: Anthropic) => client.beta.agents.list()],
    ['routes that nobody knows', (client: Anthropic) => client.post('/v1/canary', { body: {} })],
    [
      'threads',
      (client: Anthropic) => client.beta.messages.create({ ...ask('Hi.'), thread: { type: 'create' } }),
    ],
    [
      'compaction',
      (client: Anthropic) => client.post('/v1/messages', { body: { ...ask('Hi.'), compaction: {} } }),
    ],
  ])('refuses %s before anything is sent', async (_, call) => {
    const { client, calls } = setUp()

    await expect(Promise.resolve(call(client))).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_REQUEST_REFUSED',
      message: expect.not.stringContaining('canary'),
    })
    expect(calls).toEqual([])
  })

  it.each([
    ['no body', undefined],
    ['a body that is no object', 'hello'],
  ])('refuses a call with %s', async (_, body) => {
    const { client, calls } = setUp()

    await expect(client.post('/v1/messages', { body })).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_REQUEST_MALFORMED',
    })
    expect(calls).toEqual([])
  })

  it('refuses options that it does not know', () => {
    const { bare, guard } = setUp()

    expect(() => guardAnthropic(bare, guard, { maxAnswerBytes: 0 })).toThrow(
      expect.objectContaining({ code: 'PARAPET_ADAPTER_OPTIONS' }),
    )
    expect(() => guardAnthropic(bare, guard, { raw: 'drop' } as never)).toThrow(
      expect.objectContaining({ code: 'PARAPET_ADAPTER_OPTIONS' }),
    )
  })

  it('goes away with its caller, before the request is judged, while it is held, and in mid-answer', async () => {
    const { client, calls, queue, sink } = setUp({
      parts: [text('a'.repeat(2_000))],
      release: { windowCharacters: 40 },
    })
    const gone = AbortSignal.abort()
    const held = new AbortController()

    await expect(client.messages.create(ask('Hi.'), { signal: gone })).rejects.toThrow(
      Anthropic.APIUserAbortError,
    )
    const waiting = client.messages.create(ask('HOLD-ME'), { signal: held.signal })
    while ((await queue.list()).items.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    held.abort()
    await expect(waiting).rejects.toThrow(Anthropic.APIUserAbortError)
    expect(calls).toEqual([])
    const stream = client.messages.stream(ask('Hi.'))
    stream.on('text', () => stream.abort())

    await expect(stream.finalMessage()).rejects.toThrow(Anthropic.APIUserAbortError)
    expect(sink.decisions.at(-1)?.complete).toBe(false)
  })

  it('gives a held answer back as blocks, once it is approved', async () => {
    const call: UpstreamPart = { kind: 'toolCall', id: 'c1', name: 'made-up', input: '{"a":"SECRET-1234"}' }
    const { client, queue, guard } = setUp({
      parts: [{ kind: 'reasoning', text: 'Well.', signature: 's' }, text('HOLD-ME'), call],
      review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
    })
    const { ticket = '' } = decisionOf(await client.messages.stream(ask('Hi.')).finalMessage()) ?? {}
    const claim = await queue.claim({ reviewer: 'ada' })
    if (claim) await queue.decide({ id: claim.item.id, token: claim.token, outcome: 'approve' })

    const resumed = await guard.resume(ticket)

    expect(resumed.kind === 'answer' && resumeAnswer(resumed)).toEqual({
      content: [
        { type: 'text', text: 'HOLD-ME', citations: null },
        { type: 'tool_use', id: 'c1', name: 'made-up', input: { a: '[cut]' }, caller: { type: 'direct' } },
      ],
      stopReason: 'tool_use',
      text: 'HOLD-ME',
      missing: ['thinking'],
    })
  })

  it('changes nothing in shadow mode, and records what it would have done', async () => {
    const faults: unknown[] = []
    const { client, calls, sink } = setUp({
      parts: [text('It is SECRET-1234.')],
      policy: { mode: 'shadow' },
      options: { onShadowFault: (error) => void faults.push(error) },
    })

    const whole = await client.messages.create(ask('BLOCK-ME'))
    const streamed = await client.messages.stream(ask('Hi.')).finalMessage()

    for (const { content } of [whole, streamed])
      expect(content).toMatchObject([{ text: 'It is SECRET-1234.' }])
    expect(calls).toHaveLength(2)
    expect(sink.decisions.map(({ decision }) => [decision.verdict, decision.edits.length])).toEqual([
      ['block', 0],
      ['allow', 1],
      ['allow', 0],
      ['allow', 1],
    ])
    expect(faults).toEqual([])
    await client.get('/v1/messages/batches', parapet({ tenant: 'acme' }))
    expect(calls).toHaveLength(3)
    expect(calls[2]?.headers.get('x-parapet-tenant')).toBeNull()
  })

  it('goes on in shadow mode over a context that is none, and takes out what Parapet once wrote', async () => {
    const faults: unknown[] = []
    const { client, calls } = setUp({
      policy: { mode: 'shadow' },
      options: { onShadowFault: (error) => void faults.push(error) },
    })
    const own = { type: 'text' as const, text: 'Not here.', parapet: { decisionId: 'd' } }
    const messages = [{ role: 'assistant' as const, content: [own] }]

    await client.messages.create(
      { ...ask('Hi.'), messages },
      { headers: { 'x-parapet-tenant': 'a'.repeat(301) } },
    )

    expect(calls[0]?.body).not.toContain('parapet')
    expect(calls[0]?.headers.get('x-parapet-tenant')).toBeNull()
    expect(faults).toEqual([expect.objectContaining({ code: 'PARAPET_ADAPTER_CONTEXT_INVALID' })])
  })

  it('lets pass in shadow mode what it cannot judge, and says so', async () => {
    const faults: unknown[] = []
    const { client } = setUp({
      parts: [{ kind: 'unknown', text: 'x' }],
      policy: { mode: 'shadow' },
      options: { onShadowFault: (error) => void faults.push(error) },
    })

    expect((await client.messages.create(ask('Hi.'))).content).toMatchObject([{ type: 'hologram' }])
    expect(faults).toEqual([expect.objectContaining({ code: 'PARAPET_ADAPTER_PART_UNKNOWN' })])
  })
})
