import { InferenceClient, type Options } from '@huggingface/inference'
import { describe, expect, it } from '@jest/globals'
import {
  type GuardHuggingFaceOptions,
  guardHuggingFace,
  HUGGING_FACE_TASKS,
  resumeAnswer,
} from '@parapet/adapters/huggingface'
import { createGuard, memoryQueue } from '@parapet/sdk'
import {
  judgedLog,
  recordingSink,
  SCRIPTED_MESSAGE,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  wordDetector,
} from '@parapet/sdk/testing'
import { bodyOf, cutBytes, fixtureEvents, sseBytes, type WireJson } from '../wire/wire-fixture.ts'

const EVENTS = { headers: { 'content-type': 'text/event-stream' } }
const JSON_BODY = { headers: { 'content-type': 'application/json' } }

interface Setup extends ScriptedPolicyOptions {
  readonly options?: GuardHuggingFaceOptions
  readonly client?: Options
}

/** A guarded client whose provider is a `fetch`: bytes come exactly as they are cut. */
function setUp(
  respond: (body: WireJson, call: number) => Response | Promise<Response>,
  { options, client = {}, ...policy }: Setup = {},
) {
  const calls: { readonly url: string; readonly body: WireJson; readonly headers: Headers }[] = []
  const fetch = async (url: unknown, init?: RequestInit) => {
    const body: WireJson = JSON.parse(String(init?.body ?? '{}'))
    calls.push({ url: String(url), body, headers: new Headers(init?.headers) })
    return respond(body, calls.length)
  }
  const log = judgedLog()
  const sink = recordingSink()
  const queue = memoryQueue()
  const guard = createGuard({
    policy: scriptedPolicy({ detector: wordDetector({ log }), ...policy }),
    queue,
    records: sink,
    memoEntries: 0,
  })
  const bare = new InferenceClient('hf_key', {
    fetch: fetch as typeof globalThis.fetch,
    endpointUrl: 'https://models.test',
    ...client,
  })
  return { client: guardHuggingFace(bare, guard, options), bare, guard, calls, log, sink, queue }
}

const ask = (content: string) => ({ model: 'm', messages: [{ role: 'user', content }] })
const message = (content: unknown, more: WireJson = {}) => ({
  index: 0,
  message: { role: 'assistant', content, ...more },
  finish_reason: 'stop',
})
const completion = (...choices: readonly WireJson[]) =>
  Response.json({ id: 'c', created: 1, model: 'm', choices })
const chunk = (delta: WireJson, finish_reason: string | null = null, index = 0): WireJson => ({
  choices: [{ index, delta, finish_reason }],
})
const streamOf = (pieces: readonly (WireJson | string)[]) => {
  const lines = pieces.map(
    (piece) => `data: ${typeof piece === 'string' ? piece : JSON.stringify(piece)}\n\n`,
  )
  return new Response(bodyOf([new TextEncoder().encode(lines.join(''))]), EVENTS)
}
const said =
  (...contents: readonly string[]) =>
  () =>
    streamOf([...contents.map((content) => chunk({ content })), chunk({}, 'stop'), '[DONE]'])

async function all(stream: AsyncIterable<unknown>): Promise<WireJson[]> {
  const pieces: WireJson[] = []
  for await (const piece of stream) pieces.push(piece as WireJson)
  return pieces
}

const contentOf = (pieces: readonly WireJson[]) =>
  pieces
    .map((piece) =>
      String(((piece['choices'] as { delta: WireJson }[])[0]?.delta['content'] as string | undefined) ?? ''),
    )
    .join('')

describe('an answer of Hugging Face on the wire', () => {
  const fixtures = [
    ['a chat', 'huggingface-chat.1', 'chatCompletionStream'],
    ['a text generation', 'huggingface-tokens.1', 'textGenerationStream'],
  ] as const

  const gathered = async (client: InferenceClient, task: (typeof fixtures)[number][2]) => {
    const stream =
      task === 'chatCompletionStream'
        ? client.chatCompletionStream(ask('Hi.'))
        : client.textGenerationStream({ inputs: 'Hi.' })
    const pieces = await all(stream)
    const deltas = pieces.flatMap(
      (piece) => (piece['choices'] as { delta: WireJson; finish_reason: unknown }[] | undefined) ?? [],
    )
    const calls = deltas.flatMap(
      ({ delta }) =>
        (delta['tool_calls'] as
          | { index: number; function: { name?: string; arguments: string } }[]
          | undefined) ?? [],
    )
    return {
      content: deltas.map(({ delta }) => delta['content'] ?? '').join(''),
      reasoning: deltas.map(({ delta }) => delta['reasoning_content'] ?? '').join(''),
      calls: calls.map(({ index }) => index).filter((index, place, all) => all.indexOf(index) === place),
      called: calls.map(({ function: called }) => `${called.name ?? ''}${called.arguments}`).join(''),
      reasons: deltas.flatMap(({ finish_reason }) => finish_reason ?? []),
      tokens: pieces
        .map(({ token }) =>
          (token as { text: string; special: boolean } | undefined)?.special
            ? ''
            : ((token as { text: string } | undefined)?.text ?? ''),
        )
        .join(''),
      generated: pieces.at(-1)?.['generated_text'],
    }
  }

  it.each(fixtures)('reaches the caller as it came, when no rule minds it: %s', async (_, name, task) => {
    const bytes = sseBytes(fixtureEvents(name), { named: false })
    const { client, bare } = setUp(() => new Response(bodyOf([bytes]), EVENTS), {
      release: { windowCharacters: 40 },
    })

    expect(await gathered(client, task)).toEqual(await gathered(bare, task))
  })

  it.each(fixtures)('is read alike wherever its bytes are cut: %s', async (_, name, task) => {
    const bytes = sseBytes(fixtureEvents(name), { named: false })
    const hostile = [...bytes.entries()].flatMap(([at, byte]) =>
      byte >= 0x80 || byte === 0x5c || byte === 0x0a ? [at, at + 1] : [],
    )
    const ways = [[...bytes.keys()], hostile]

    for (const places of ways) {
      const { client, bare } = setUp(() => new Response(bodyOf(cutBytes(bytes, places)), EVENTS))
      expect(await gathered(client, task)).toEqual(await gathered(bare, task))
    }
    expect(hostile.length).toBeGreaterThan(10)
  })
})

describe('a malformed answer of Hugging Face', () => {
  const call = (more: WireJson) =>
    chunk({
      tool_calls: [
        { index: 0, id: 'c1', type: 'function', function: { name: 'n', arguments: '{}' }, ...more },
      ],
    })

  it.each<readonly [string, readonly (WireJson | string)[], string]>([
    ['is no JSON', ['{"choices":[{"canary'], 'PARAPET_ADAPTER_ANSWER_MALFORMED'],
    ['is a list', ['[]'], 'PARAPET_ADAPTER_ANSWER_MALFORMED'],
    ['has two events in one line', ['{"choices":[]} {"canary":1}'], 'PARAPET_ADAPTER_ANSWER_MALFORMED'],
    ['ends without a reason', [chunk({ content: 'canary' })], 'PARAPET_ADAPTER_STREAM_ENDED'],
    ['is empty', [], 'PARAPET_ADAPTER_STREAM_ENDED'],
    [
      'goes on after its end',
      [chunk({}, 'stop'), chunk({ content: 'canary' })],
      'PARAPET_ADAPTER_ANSWER_MALFORMED',
    ],
    ['has a choice without a place', [chunk({ content: 'a' }, null, -1)], 'PARAPET_ADAPTER_ANSWER_MALFORMED'],
    ['has a choice that is none', [{ choices: ['canary'] }], 'PARAPET_ADAPTER_ANSWER_MALFORMED'],
    ['has two calls in one place', [call({}), call({ id: 'c2' })], 'PARAPET_ADAPTER_ANSWER_MALFORMED'],
    [
      'has two calls with one id',
      [call({}), call({ index: 1 }), chunk({}, 'stop')],
      'PARAPET_ADAPTER_ANSWER_MALFORMED',
    ],
    [
      'has a call without its function',
      [chunk({ tool_calls: [{ id: 'c' }] })],
      'PARAPET_ADAPTER_ANSWER_MALFORMED',
    ],
    ['has an unknown kind of call', [call({ type: 'hologram' })], 'PARAPET_ADAPTER_PART_UNKNOWN'],
    [
      'has an unknown kind of content',
      [chunk({ content: [{ type: 'hologram', text: 'canary' }] })],
      'PARAPET_ADAPTER_PART_UNKNOWN',
    ],
    [
      'has an unknown kind of event',
      [{ object: 'hologram', text: 'canary' }],
      'PARAPET_ADAPTER_PART_UNKNOWN',
    ],
  ])('is refused when it %s', async (_, pieces, code) => {
    const { client } = setUp(() => streamOf(pieces))

    await expect(all(client.chatCompletionStream(ask('Hi.')))).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('canary'),
    })
  })

  it.each<readonly [string, () => Response, string]>([
    ['no choice', () => completion(), 'PARAPET_ADAPTER_ANSWER_MALFORMED'],
    ['a choice without its message', () => completion({ index: 0 }), 'PARAPET_ADAPTER_ANSWER_MALFORMED'],
    ['no JSON', () => new Response('canary', JSON_BODY), 'PARAPET_ADAPTER_ANSWER_MALFORMED'],
    [
      'a content type that lies',
      () => new Response('<p>canary</p>', { headers: { 'content-type': 'text/html' } }),
      'PARAPET_ADAPTER_PART_UNKNOWN',
    ],
  ])('is refused unstreamed when it has %s', async (_, respond, code) => {
    const { client } = setUp(respond)

    await expect(client.chatCompletion(ask('Hi.'))).rejects.toMatchObject({
      code,
      message: expect.not.stringContaining('canary'),
    })
  })

  it('is refused once it is too long, and given up when nothing comes for too long', async () => {
    const long = setUp(said('a'.repeat(5_000)), { options: { maxAnswerBytes: 1_000 } })
    const whole = setUp(() => completion(message('a'.repeat(5_000))), { options: { maxAnswerBytes: 1_000 } })
    const bytes = sseBytes([chunk({ content: 'a' })], { named: false })
    const stalled = setUp(() => new Response(bodyOf([bytes], 'stall'), EVENTS), { options: { stallMs: 5 } })

    await expect(all(long.client.chatCompletionStream(ask('Hi.')))).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_TOO_LARGE',
    })
    await expect(whole.client.chatCompletion(ask('Hi.'))).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_TOO_LARGE',
    })
    await expect(all(stalled.client.chatCompletionStream(ask('Hi.')))).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PROVIDER_STALLED',
    })
    expect(stalled.sink.decisions.at(-1)?.complete).toBe(false)
  })

  it('is no stream of events', async () => {
    const heard: unknown[] = []
    const { client } = setUp(() => new Response('{"canary":1}', JSON_BODY), {
      options: { onProviderError: (error) => void heard.push(error) },
    })

    await expect(all(client.chatCompletionStream(ask('Hi.')))).rejects.toMatchObject({
      name: 'ProviderApiError',
      message: expect.not.stringContaining('canary'),
    })
    expect(heard).toHaveLength(1)
  })

  it.each([400, 429, 500])('is a refusal of the provider, known by its status: %s', async (status) => {
    const heard: unknown[] = []
    const { client } = setUp(() => Response.json({ error: 'canary' }, { status }), {
      options: { onProviderError: (error) => void heard.push(error) },
    })

    const error: unknown = await client.chatCompletion(ask('Hi.')).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ name: 'ProviderApiError', httpResponse: { status } })
    expect(`${(error as Error).stack} ${JSON.stringify(error)} ${(error as Error).message}`).not.toMatch(
      /canary|hf_key/,
    )
    expect(heard).toEqual([expect.objectContaining({ message: expect.stringContaining('canary') })])
  })
})

describe('the guarded client of Hugging Face', () => {
  it('judges every choice, and gives each the message for end users', async () => {
    const { client, sink } = setUp(() => completion(message('Fine.'), { ...message('BLOCK-ME'), index: 1 }))

    const answer = await client.chatCompletion({ ...ask('Hi.'), n: 2 })

    expect(answer.choices.map(({ message: { content }, finish_reason }) => [content, finish_reason])).toEqual(
      [
        [SCRIPTED_MESSAGE, 'content_filter'],
        [SCRIPTED_MESSAGE, 'content_filter'],
      ],
    )
    expect(answer['parapet']).toEqual({
      decisionId: sink.decisions.at(-1)?.decision.id,
      message: SCRIPTED_MESSAGE,
    })
  })

  it('judges reasoning by either name, and refusals', async () => {
    const { client, log } = setUp(() =>
      completion(message('a', { reasoning: 'b SECRET-1234', refusal: 'c' })),
    )

    const [choice] = (await client.chatCompletion(ask('Hi.'))).choices

    expect(choice?.message).toEqual({
      role: 'assistant',
      content: 'a',
      reasoning_content: 'b [cut]',
      refusal: 'c',
    })
    expect([log.texts('reasoning'), log.texts('output')]).toEqual([['b SECRET-1234'], ['a', 'c']])
  })

  it('judges arguments that came as an object, and the name of a tool that nobody offered', async () => {
    const { client } = setUp(() =>
      completion(
        message(null, {
          tool_calls: {
            id: 'words of any kind',
            type: 'function',
            function: { name: 'SECRET-1234', arguments: { a: 'SECRET-1234' } },
          },
        }),
      ),
    )

    const [choice] = (await client.chatCompletion(ask('Hi.'))).choices

    expect(choice?.message.tool_calls).toEqual([
      {
        id: expect.stringMatching(/^parapet-/),
        type: 'function',
        function: { name: '[cut]', arguments: '{"a":"[cut]"}' },
      },
    ])
  })

  it('streams window by window, and ends with the message, the reason and the decision', async () => {
    const { client, calls } = setUp(
      said(...Array.from({ length: 30 }, () => 'aaaa '), 'BLOCK-ME', 'b'.repeat(500)),
      { release: { windowCharacters: 40 } },
    )

    const pieces = await all(client.chatCompletionStream(ask('Hi.')))

    expect(contentOf(pieces)).toMatch(new RegExp(`^(aaaa )+a*\n\n${SCRIPTED_MESSAGE}$`))
    expect(pieces.length).toBeGreaterThan(3)
    expect(pieces.at(-1)).toMatchObject({
      choices: [{ finish_reason: 'content_filter' }],
      parapet: { decisionId: expect.any(String) },
    })
    expect(calls[0]?.body).not.toHaveProperty('parapet')
  })

  it('withholds log-probabilities, tokens, prefill and top tokens: they say the text once more', async () => {
    const details = {
      finish_reason: 'length',
      generated_tokens: 3,
      seed: 7,
      prefill: [{ text: 'SECRET-1234' }],
      tokens: [{ text: 'SECRET-1234' }],
      best_of_sequences: [
        {
          generated_text: 'Or SECRET-1234.',
          finish_reason: 'length',
          generated_tokens: 2,
          prefill: [],
          tokens: [{ text: 'SECRET-1234' }],
        },
      ],
    }
    const { bare, guard } = setUp(() => Response.json([{}]))
    // Providers that speak TGI give details; the client passes them on.
    Object.assign(bare, { own: 1 })
    const answering = Object.create(bare, {
      textGeneration: { value: async () => ({ generated_text: 'It is SECRET-1234.', details }) },
    })

    const answer = await guardHuggingFace(answering as InferenceClient, guard).textGeneration({
      inputs: 'Hi.',
    })

    expect(answer).toEqual({
      generated_text: 'It is [cut].',
      details: {
        finish_reason: 'length',
        generated_tokens: 3,
        seed: 7,
        prefill: [],
        tokens: [],
        best_of_sequences: [
          {
            generated_text: 'Or [cut].',
            finish_reason: 'length',
            generated_tokens: 0,
            prefill: [],
            tokens: [],
          },
        ],
      },
      parapet: { decisionId: expect.any(String) },
    })
  })

  it('judges the whole text that a stream says at its end where it is another', async () => {
    const token = (text: string, special = false) => ({ id: 1, text, logprob: 0, special })
    const stream = [
      { token: token('Hello') },
      {
        token: token('SECRET-9999', true),
        generated_text: 'SECRET-1234 Hello',
        details: { finish_reason: 'eos_token', generated_tokens: 2 },
      },
    ]
    const { client } = setUp(() => streamOf(stream))

    const pieces = await all(
      client.textGenerationStream({ inputs: 'SECRET-1234', parameters: { return_full_text: true } }),
    )

    expect(pieces.at(-1)).toMatchObject({
      generated_text: '[cut] Hello',
      details: { finish_reason: 'eos_token', tokens: [] },
    })
    expect(JSON.stringify(pieces)).not.toMatch(/SECRET/)
  })

  it('keeps token, endpoint, provider and fetch, the caller’s own fetch too', async () => {
    const seen: string[] = []
    const { client, bare, calls } = setUp(() => completion(message('a')))
    const fetch = (async (url: string, init: RequestInit) => {
      seen.push(url)
      expect(new Headers(init.headers).get('authorization')).toBe('Bearer hf_key')
      return completion(message('SECRET-1234'))
    }) as unknown as typeof globalThis.fetch

    const [own, other] = [
      await client.chatCompletion(ask('Hi.'), { fetch }),
      await client.endpoint('https://other.test').chatCompletion(ask('Hi.')),
    ]

    expect(client).toBeInstanceOf(InferenceClient)
    expect(own.choices[0]?.message.content).toBe('[cut]')
    expect(other.choices[0]?.message.content).toBe('a')
    expect(seen).toEqual([expect.stringContaining('https://models.test')])
    expect(calls.map(({ url }) => url)).toEqual([expect.stringContaining('https://other.test')])
    expect((await bare.chatCompletion(ask('BLOCK-ME'))).choices[0]?.message.content).toBe('a')
  })

  it('knows each task of the client', () => {
    const tasks = Object.getOwnPropertyNames(new InferenceClient()).filter(
      (name) => name !== 'accessToken' && name !== 'defaultOptions',
    )

    expect(tasks.length).toBeGreaterThan(30)
    expect(Object.keys(HUGGING_FACE_TASKS).sort()).toEqual(tasks.sort())
  })

  it.each(Object.entries(HUGGING_FACE_TASKS).filter(([, handling]) => handling === 'refused'))(
    'refuses %s before anything is sent',
    async (task) => {
      const { client, calls } = setUp(() => completion(message('a')))
      const method = client[task as 'translation'] as unknown as (
        args: object,
      ) => Promise<unknown> & AsyncIterable<unknown>

      await expect(method({ inputs: 'Hi.' })).rejects.toMatchObject({
        code: 'PARAPET_ADAPTER_REQUEST_REFUSED',
      })
      await expect(all(method({ inputs: 'Hi.' }))).rejects.toMatchObject({
        code: 'PARAPET_ADAPTER_REQUEST_REFUSED',
      })
      expect(calls).toEqual([])
    },
  )

  it('refuses what a later version may bring, and lets numbers and labels pass', async () => {
    const { bare, guard } = setUp(() => Response.json([[0.5]]))
    const later = Object.create(bare, Object.getOwnPropertyDescriptors(bare))
    Object.defineProperty(later, 'telepathy', { value: async () => 'canary' })
    const guarded = guardHuggingFace(later as InferenceClient & { telepathy(): Promise<string> }, guard)

    await expect(guarded.telepathy()).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_REQUEST_REFUSED' })
    expect(await guarded.featureExtraction({ inputs: 'BLOCK-ME', model: 'm' })).toEqual([[0.5]])
  })

  it('guards tasks that a client inherits, and a client that is guarded already', async () => {
    const { bare, guard } = setUp(() => completion(message('SECRET-1234')))
    const inherits = Object.create(bare) as InferenceClient
    const twice = guardHuggingFace(guardHuggingFace(inherits, guard), guard)

    for (const client of [guardHuggingFace(inherits, guard), twice, twice.endpoint('https://other.test')])
      expect((await client.chatCompletion(ask('Hi.'))).choices[0]?.message.content).toBe('[cut]')
  })

  it('gives up a provider that never answers', async () => {
    const { client } = setUp(() => new Promise<Response>(() => {}), { options: { stallMs: 5 } })

    await expect(client.chatCompletion(ask('Hi.'))).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PROVIDER_STALLED',
    })
    await expect(all(client.textGenerationStream({ inputs: 'Hi.' }))).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PROVIDER_STALLED',
    })
  })

  it('refuses a context that is none, and parts of a request that nobody knows', async () => {
    const { client, calls } = setUp(() => completion(message('a')))
    const bad = [
      { ...ask('Hi.'), parapet: { tenat: 'canary' } },
      { ...ask('Hi.'), parapet: 'canary' },
    ]
    const unknown = [
      { messages: [{ role: 'hologram', content: 'a' }] },
      { messages: [{ role: 'user', content: [{ type: 'audio', text: 'a' }] as never }] },
      { messages: [{ role: 'user', content: 7 as never }] },
      { messages: 'canary' as never },
    ]

    for (const args of bad)
      await expect(client.chatCompletion(args)).rejects.toMatchObject({
        code: 'PARAPET_ADAPTER_CONTEXT_INVALID',
        message: expect.not.stringContaining('canary'),
      })
    for (const args of unknown)
      await expect(client.chatCompletion(args)).rejects.toMatchObject({
        code: 'PARAPET_ADAPTER_PART_UNKNOWN',
      })
    await expect(client.textGeneration({ inputs: ['a'] as never })).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PART_UNKNOWN',
    })
    expect(calls).toEqual([])
  })

  it('edits a request, and leaves the caller’s own arguments as they were', async () => {
    const { client, calls } = setUp(() => completion(message('a')))
    const args = {
      model: 'm',
      messages: [
        { role: 'system', content: 'SECRET-0000' },
        { role: 'user', name: 'SECRET-1234', content: [{ type: 'text' as const, text: 'SECRET-1234' }] },
      ],
    }

    await client.chatCompletion(args)

    expect(calls[0]?.body['messages']).toEqual([
      { role: 'system', content: 'SECRET-0000' },
      { role: 'user', name: '[cut]', content: [{ type: 'text', text: '[cut]' }] },
    ])
    expect(JSON.stringify(args)).toContain('SECRET-1234')
  })

  it('gives a held answer back as a message, once it is approved', async () => {
    const call = { id: 'c1', type: 'function', function: { name: 'n', arguments: '{"a":1}' } }
    const { client, queue, guard } = setUp(
      () =>
        completion(message('HOLD-ME', { reasoning: 'r', tool_calls: [call] }), { ...message('b'), index: 1 }),
      {
        review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
      },
    )
    const { ticket } = (await client.chatCompletion(ask('Hi.')))['parapet'] as { ticket: string }
    const claim = await queue.claim({ reviewer: 'ada' })
    if (claim) await queue.decide({ id: claim.item.id, token: claim.token, outcome: 'approve' })

    const resumed = await guard.resume(ticket)

    expect(resumed.kind === 'answer' && resumeAnswer(resumed)).toEqual({
      message: { role: 'assistant', content: 'HOLD-ME', tool_calls: [call] },
      reasoning: 'r',
      others: ['b'],
    })
  })

  it('changes nothing in shadow mode but the decision that it names', async () => {
    const faults: unknown[] = []
    const setup = setUp(
      (body) => (body['stream'] ? said('SECRET-1234', ' b')() : completion(message('SECRET-1234'))),
      {
        policy: { mode: 'shadow' },
        options: { onShadowFault: (error) => void faults.push(error) },
      },
    )
    const { client, bare, sink } = setup

    const [whole, streamed] = [
      await client.chatCompletion(ask('BLOCK-ME')),
      await all(client.chatCompletionStream(ask('Hi.'))),
    ]

    expect(whole).toEqual({
      ...(await bare.chatCompletion(ask('BLOCK-ME'))),
      parapet: { decisionId: expect.any(String) },
    })
    expect(streamed).toEqual([
      chunk({ content: 'SECRET-1234' }),
      chunk({ content: ' b' }),
      { ...chunk({}, 'stop'), parapet: { decisionId: expect.any(String) } },
    ])
    expect(sink.decisions.map(({ decision }) => decision.verdict)).toEqual([
      'block',
      'allow',
      'allow',
      'allow',
    ])
    expect(faults).toEqual([])
  })

  it('lets pass in shadow mode what it cannot judge, and says so', async () => {
    const faults: unknown[] = []
    const { client } = setUp(() => streamOf([{ object: 'hologram' }]), {
      policy: { mode: 'shadow' },
      options: { onShadowFault: (error) => void faults.push(error) },
    })

    expect(await all(client.chatCompletionStream(ask('Hi.')))).toEqual([{ object: 'hologram' }])
    expect(faults).toEqual([expect.objectContaining({ code: 'PARAPET_ADAPTER_PART_UNKNOWN' })])
  })

  it('goes away with its caller, while a request is held and in mid-answer', async () => {
    const { client, calls, queue } = setUp(said('a'))
    const held = new AbortController()
    const waiting = client.chatCompletion(ask('HOLD-ME'), { signal: held.signal })
    while ((await queue.list()).items.length === 0) await new Promise((resolve) => setTimeout(resolve, 2))

    held.abort(new Error('enough'))

    await expect(waiting).rejects.toThrow('enough')
    await expect(
      all(client.chatCompletionStream(ask('Hi.'), { signal: AbortSignal.abort(new Error('before')) })),
    ).rejects.toThrow('before')
    expect(calls).toEqual([])
  })
})
