import { describe, expect, it } from '@jest/globals'
import { createGuard, memoryQueue } from '@parapet/sdk'
import {
  recordingSink,
  SCRIPTED_MESSAGE,
  SCRIPTED_WORDS,
  scriptedPolicy,
  wordDetector,
} from '@parapet/sdk/testing'
import OpenAI, { AzureOpenAI } from 'openai'
import { chunk, completion, DONE } from '../../test/contract/wire-bench.ts'
import { type GuardOpenAIOptions, guardOpenAI, parapetHeaders, parapetOf } from './index.ts'

const { block, secret } = SCRIPTED_WORDS

interface Call {
  readonly url: string
  readonly headers: Headers
  readonly body: Record<string, unknown>
}

/** A guarded client, and a fetch of its user's that answers with `answers`, one after another. */
function bench(
  answers: readonly (Response | Error)[],
  options: { client?: object; guard?: GuardOpenAIOptions } = {},
) {
  const sink = recordingSink()
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector() }),
    records: sink,
    memoEntries: 0,
    queue: memoryQueue(),
  })
  const calls: Call[] = []
  const fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : {}
    calls.push({ url: String(input), headers: new Headers(init.headers), body })
    const next = answers[Math.min(calls.length, answers.length) - 1]
    if (next instanceof Response) return next.clone()
    throw next ?? new Error('nobody answers')
  }
  const own = new OpenAI({
    apiKey: 'key',
    baseURL: 'https://provider.test/v1',
    logLevel: 'off',
    fetch,
    ...options.client,
  })
  return { sink, calls, own, fetch, guard, client: guardOpenAI(own, guard, options.guard) }
}

const ok = (body: object) => Response.json(body, { headers: { 'x-request-id': 'req_1' } })
const ask = (content = 'hi') => ({ model: 'm', messages: [{ role: 'user' as const, content }] })
const code = (name: string) => expect.objectContaining({ code: `PARAPET_${name}` })
/** The client waits before it tries again: as short as a provider may ask. */
const again = (status: number) =>
  new Response('{}', { status, headers: { 'retry-after-ms': '1', 'content-type': 'application/json' } })

describe('the guarded client', () => {
  it('keeps the base URL, key, headers, fetch, retries and timeout, and leaves the client as it was', async () => {
    const { client, own, calls } = bench([ok(completion({ content: secret }))], {
      client: { maxRetries: 7, timeout: 1_234, defaultHeaders: { 'x-own': 'yes' }, organization: 'org' },
    })

    const guarded = await client.chat.completions.create(ask())
    const bare = await own.chat.completions.create(ask())

    expect(guarded.choices[0]?.message.content).toBe('[cut]')
    expect(bare.choices[0]?.message.content).toBe(secret)
    expect(client).toBeInstanceOf(OpenAI)
    expect({ ...client }).toMatchObject({
      maxRetries: 7,
      timeout: 1_234,
      baseURL: 'https://provider.test/v1',
    })
    expect(calls[0]?.url).toBe('https://provider.test/v1/chat/completions')
    expect(calls[0]?.headers.get('authorization')).toBe('Bearer key')
    expect(calls[0]?.headers.get('x-own')).toBe('yes')
    expect(calls[0]?.headers.get('openai-organization')).toBe('org')
  })

  it('stays guarded through withOptions, also with another fetch', async () => {
    const { client, fetch, calls } = bench([ok(completion({ content: secret }))])

    const other = client
      .withOptions({ maxRetries: 0, baseURL: 'https://other.test' })
      .withOptions({ fetch: (input, init) => fetch(input, init as RequestInit) })
    const answer = await other.chat.completions.create(ask(secret))

    expect(answer.choices[0]?.message.content).toBe('[cut]')
    expect(calls).toHaveLength(1)
    expect(calls[0]?.url).toBe('https://other.test/chat/completions')
    expect(calls[0]?.body['messages']).toEqual([{ role: 'user', content: '[cut]' }])
  })

  it('guards Azure’s client with its own paths', async () => {
    const { fetch, guard, calls } = bench([ok(completion({ content: secret }))])
    const azure = new AzureOpenAI({
      apiKey: 'key',
      apiVersion: '2025-01-01',
      endpoint: 'https://azure.test',
      deployment: 'gpt',
      fetch: (input, init) => fetch(input, init as RequestInit),
    })

    const answer = await guardOpenAI(azure, guard).chat.completions.create(ask())

    expect(answer.choices[0]?.message.content).toBe('[cut]')
    expect(calls[0]?.url).toBe(
      'https://azure.test/openai/deployments/gpt/chat/completions?api-version=2025-01-01',
    )
  })

  it('refuses a client that would not use its fetch', () => {
    const { own, guard } = bench([])
    const without = Object.assign(own.withOptions({}), { fetch: undefined })
    const fixed = Object.assign(own.withOptions({}), {
      withOptions: () => {
        throw new Error('X.509')
      },
    })

    expect(() => guardOpenAI(without, guard)).toThrow(code('ADAPTER_CLIENT_UNGUARDABLE'))
    expect(() => guardOpenAI(fixed, guard)).toThrow(code('ADAPTER_CLIENT_UNGUARDABLE'))
  })

  it('refuses options that it does not know', () => {
    const { own, guard } = bench([])

    expect(() => guardOpenAI(own, guard, { faults: 'answer', raw: 'drop' } as never)).toThrow(
      code('ADAPTER_OPTIONS'),
    )
  })
})

describe('an APIPromise', () => {
  it('gives the guarded response raw, and beside the data', async () => {
    const { client } = bench([ok(completion({ content: secret }))])

    const raw = await client.chat.completions.create(ask()).asResponse()
    const { data, response, request_id: id } = await client.chat.completions.create(ask()).withResponse()

    expect(await raw.text()).toContain('[cut]')
    expect(raw.headers.get('x-parapet-decision-id')).toMatch(/.+/)
    expect(data.choices[0]?.message.content).toBe('[cut]')
    expect(response.headers.get('x-parapet-decision-id')).toBe(parapetOf(data)?.decisionId)
    expect(id).toBe('req_1')
  })

  it('gives a raw stream that is guarded too', async () => {
    const stream = [chunk({ content: secret }), chunk({}, 'stop'), DONE].join('')
    const answer = new Response(stream, { headers: { 'content-type': 'text/event-stream' } })
    const { client } = bench([answer])

    const raw = await client.chat.completions.create({ ...ask(), stream: true }).asResponse()

    expect(await raw.text()).toContain('[cut]')
  })
})

describe('trying again', () => {
  it('goes on as before where the provider is overloaded or the network fails', async () => {
    const { client, calls } = bench([again(503), again(429), ok(completion({ content: 'Hi.' }))])
    const network = bench([new TypeError('fetch failed'), ok(completion({ content: 'Hi.' }))])

    const answer = await client.chat.completions.create(ask())
    const other = await network.client.chat.completions.create(ask())

    expect([answer, other].map(({ choices }) => choices[0]?.message.content)).toEqual(['Hi.', 'Hi.'])
    expect(calls).toHaveLength(3)
    expect(network.calls).toHaveLength(2)
  })

  it('never follows a block', async () => {
    const { client, calls } = bench([ok(completion({ content: block }))])

    const answer = await client.chat.completions.create(ask())

    expect(answer.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: SCRIPTED_MESSAGE },
    })
    expect(calls).toHaveLength(1)
  })

  it.each(['chat stream', 'runTools', 'responses stream'])(
    'finds the typed error as the cause of what a helper throws: %s',
    async (helper) => {
      const { client } = bench([ok(completion({ content: [{ type: 'hologram', text: block }] }))])
      const asked = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] }
      const run = () => {
        if (helper === 'chat stream') return client.chat.completions.stream(asked).done()
        if (helper === 'runTools') return client.chat.completions.runTools({ ...asked, tools: [] }).done()
        return client.responses.stream({ model: 'm', input: 'hi' }).done()
      }

      const error: unknown = await run().catch((thrown: unknown) => thrown)

      expect(error).toBeInstanceOf(OpenAI.OpenAIError)
      expect(error).toMatchObject({ cause: { code: expect.stringMatching(/^PARAPET_ADAPTER_/) } })
    },
  )

  it('never follows a fault of the guard, which comes as the typed error that it is', async () => {
    const { client, calls } = bench([ok(completion({ content: [{ type: 'hologram', text: block }] }))])

    const failed: unknown = await client.chat.completions.create(ask()).catch((error: unknown) => error)

    expect(failed).toEqual(code('ADAPTER_PART_UNKNOWN'))
    expect(calls).toHaveLength(1)
  })

  it('never follows a record that cannot be stored, whatever its sink throws', async () => {
    const { client, calls, sink } = bench([ok(completion({ content: 'Hi.' }))])
    const broken = new Error('The disk is full.')
    sink.failWith(broken)

    await expect(client.chat.completions.create(ask())).rejects.toBe(broken)
    expect(calls).toHaveLength(0)
  })

  it('shows the provider’s code, and not its words', async () => {
    const words = { error: { message: `Bad: ${block}`, code: 'bad_thing', type: 'invalid_request_error' } }
    const { client } = bench([Response.json(words, { status: 400 })])

    const failed: unknown = await client.chat.completions.create(ask()).catch((error: unknown) => error)

    expect(failed).toBeInstanceOf(OpenAI.BadRequestError)
    expect(failed).toMatchObject({ status: 400, code: 'bad_thing', type: 'invalid_request_error' })
    expect(String(failed)).not.toContain(block)
  })
})

describe('whom a call is for', () => {
  it('goes with the call, is on record, and is not told to the provider', async () => {
    const { client, calls, sink } = bench([ok(completion({ content: 'Hi.' }))])

    await Promise.all(
      ['acme', 'other'].map((tenant) =>
        client.chat.completions.create(ask(), {
          headers: parapetHeaders({ tenant, requestId: `r-${tenant}` }),
        }),
      ),
    )

    expect(sink.decisions.map(({ tenant }) => tenant).sort()).toEqual(['acme', 'acme', 'other', 'other'])
    for (const { headers } of calls)
      expect([...headers.keys()].filter((name) => name.startsWith('x-parapet'))).toEqual([])
  })

  it('is refused where it is no printable text, or says more than it may', () => {
    expect(() => parapetHeaders({ tenant: 'a\nb' })).toThrow(code('ADAPTER_CONTEXT_INVALID'))
    expect(() => parapetHeaders({ tenant: '' })).toThrow(code('ADAPTER_CONTEXT_INVALID'))
    expect(() => parapetHeaders({ role: 'admin' } as never)).toThrow(code('ADAPTER_CONTEXT_INVALID'))
  })
})

describe('other routes', () => {
  it.each<[string, (client: OpenAI) => PromiseLike<unknown>]>([
    ['a stored answer', (client) => client.responses.retrieve('resp_1')],
    ['a batch', (client) => client.batches.list()],
    ['a legacy completion', (client) => client.completions.create({ model: 'm', prompt: 'hi' })],
    ['an image', (client) => client.images.generate({ prompt: 'hi' })],
    ['a conversation', (client) => client.conversations.items.list('conv_1')],
    ['contents of a file', (client) => client.files.content('file_1')],
  ])('are refused where nothing judges what they give: %s', async (_, call) => {
    const { client, calls } = bench([ok({ text: block })])

    await expect(Promise.resolve(call(client))).rejects.toEqual(code('ADAPTER_ROUTE_REFUSED'))
    expect(calls).toHaveLength(0)
  })

  it('pass where they give no text, or the developer says so', async () => {
    const { client, calls } = bench([ok({ data: [], object: 'list' })], {
      guard: { passRoutes: ['images/generations'] },
    })

    await client.embeddings.create({ model: 'm', input: 'hi', encoding_format: 'float' })
    await client.images.generate({ prompt: 'hi' })

    expect(calls.map(({ url }) => url)).toEqual([
      'https://provider.test/v1/embeddings',
      'https://provider.test/v1/images/generations',
    ])
  })
})
