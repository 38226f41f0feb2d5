import { inspect } from 'node:util'
import Anthropic from '@anthropic-ai/sdk'
import type { Message } from '@anthropic-ai/sdk/resources/messages'
import { describe, expect, it } from '@jest/globals'
import { type GuardAnthropicOptions, guardAnthropic } from '@parapet/adapters/anthropic'
import { createGuard, memoryQueue } from '@parapet/sdk'
import { recordingSink, scriptedPolicy } from '@parapet/sdk/testing'
import { bodyOf, cutBytes, fixtureEvents, sseBytes, type WireJson } from '../wire/wire-fixture.ts'

/** A guarded client whose provider is a `fetch` that gives one response: bytes come exactly as they are cut. */
function clientOf(respond: () => Response, options: GuardAnthropicOptions = {}) {
  const sink = recordingSink()
  const guard = createGuard({
    policy: scriptedPolicy({ release: { windowCharacters: 40 } }),
    queue: memoryQueue(),
    records: sink,
  })
  const fetch = async () => respond()
  const bare = new Anthropic({ apiKey: 'key', fetch, maxRetries: 0, logLevel: 'off' })
  return { client: guardAnthropic(bare, guard, options), bare, sink }
}

const params = { model: 'm', max_tokens: 9, messages: [{ role: 'user' as const, content: 'Hi.' }] }
const html = { headers: { 'content-type': 'text/html' } }

async function streamed(client: Anthropic): Promise<Anthropic.RawMessageStreamEvent[]> {
  const events: Anthropic.RawMessageStreamEvent[] = []
  for await (const event of await client.messages.create({ ...params, stream: true })) events.push(event)
  return events
}

/** What a reader of a stream gets, whatever the pieces it came in. */
const finalOf = async (client: Anthropic) => {
  const message: Message = await client.messages.stream(params).finalMessage()
  return JSON.parse(JSON.stringify(message))
}

const text = (...pieces: readonly string[]): WireJson[] => [
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
  ...pieces.map((piece) => delta(0, { type: 'text_delta', text: piece })),
  { type: 'content_block_stop', index: 0 },
]
const delta = (index: number, change: WireJson): WireJson => ({
  type: 'content_block_delta',
  index,
  delta: change,
})
const start = (index: number, content_block: WireJson): WireJson => ({
  type: 'content_block_start',
  index,
  content_block,
})
const begin = {
  type: 'message_start',
  message: { id: 'msg_1', content: [], model: 'm', usage: { input_tokens: 1, output_tokens: 1 } },
}
const finish = [
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
]
const whole = (...events: readonly WireJson[]) => [begin, ...events, ...finish]
const respondWith =
  (bytes: Uint8Array | string, init: ResponseInit = {}) =>
  () =>
    new Response(bodyOf([typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes]), init)

describe('an answer of Anthropic on the wire', () => {
  const events = fixtureEvents('anthropic-search-and-tool.1')
  const bytes = sseBytes(events)

  it('reaches the caller as it came, when no rule minds it', async () => {
    const { client, bare } = clientOf(respondWith(bytes))

    const [guarded, unguarded] = [await finalOf(client), await finalOf(bare)]

    // A call’s arguments are written anew; what they say is the same.
    expect(guarded).toEqual(unguarded)
  })

  it.each([
    ['one byte at a time', bytes.map((_, index) => index)],
    [
      'within a character',
      [...bytes.entries()].flatMap(([at, byte]) => (byte >= 0x80 && byte < 0xc0 ? [at] : [])),
    ],
    [
      'within a JSON escape',
      [...bytes.entries()].flatMap(([at, byte]) => (byte === 0x5c ? [at + 1, at + 3] : [])),
    ],
    [
      'within an event’s lines',
      [...bytes.entries()].flatMap(([at, byte]) => (byte === 0x0a ? [at, at + 1, at + 3] : [])),
    ],
  ])('is read alike when its bytes are cut %s', async (_, places) => {
    const pieces = cutBytes(bytes, [...places])

    const { client } = clientOf(() => new Response(bodyOf(pieces)))

    expect(pieces.length).toBeGreaterThan(10)
    expect(await finalOf(client)).toEqual(await finalOf(clientOf(respondWith(bytes)).client))
  })

  it('is read with any line ends, comments and fields that nobody knows', async () => {
    const odd = new TextDecoder()
      .decode(bytes)
      .replaceAll('\n\n', '\r\n: a comment\r\nretry: 5\r\nid: 7\r\nodd: x\r\n\r\n')

    const { client } = clientOf(respondWith(odd))

    expect((await finalOf(client)).stop_reason).toBe('tool_use')
  })

  it('does not ask what its content type says', async () => {
    const { client } = clientOf(respondWith(bytes, html))

    expect((await finalOf(client)).stop_reason).toBe('tool_use')
  })

  it('gives an approved whole answer, whatever its content type says', async () => {
    const message = { type: 'message', content: [{ type: 'text', text: 'Hello.' }], stop_reason: 'end_turn' }
    const { client } = clientOf(respondWith(JSON.stringify(message), html))

    expect(await client.messages.create(params)).toMatchObject({ content: [{ text: 'Hello.' }] })
  })
})

describe('a malformed answer of Anthropic', () => {
  const call = { type: 'tool_use', id: 'c1', name: 'send', input: {} }
  const stop = (index: number): WireJson => ({ type: 'content_block_stop', index })
  const malformed: readonly (readonly [string, readonly WireJson[]])[] = [
    ['interleaves blocks', whole(start(0, { type: 'text', text: '' }), start(1, call), stop(1), stop(0))],
    ['adds to a block that is not open', whole(...text('a'), delta(0, { type: 'text_delta', text: 'b' }))],
    [
      'adds to another block',
      whole(start(0, { type: 'text', text: '' }), delta(1, { type: 'text_delta', text: 'b' })),
    ],
    ['adds text to a call', whole(start(0, call), delta(0, { type: 'text_delta', text: 'b' }), stop(0))],
    ['ends a block twice', whole(...text('a'), stop(0))],
    ['begins twice', [begin, ...whole(...text('a'))]],
    [
      'begins with its content',
      whole().map((event) =>
        event === begin
          ? { type: 'message_start', message: { content: [{ type: 'text', text: 'x' }] } }
          : event,
      ),
    ],
    ['has no beginning', [...text('a'), ...finish]],
    ['has two calls with one id', whole(start(0, call), stop(0), start(1, call), stop(1))],
    ['ends within a block', whole(start(0, { type: 'text', text: '' }))],
    ['ends without a reason', [begin, ...text('a'), { type: 'message_stop' }]],
    ['holds an event without a type', whole({ data: 1 })],
    ['holds a text that is none', whole(start(0, { type: 'text', text: 7 }))],
  ]

  it.each(malformed)('is refused when it %s', async (_, events) => {
    const { client, sink } = clientOf(respondWith(sseBytes(events)))

    await expect(streamed(client)).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_ANSWER_MALFORMED' })
    expect(sink.decisions.at(-1)?.complete).toBe(false)
  })

  it.each([
    ['event', whole({ type: 'hologram', text: 'canary' })],
    ['block', whole(start(0, { type: 'hologram', text: 'canary' }))],
    [
      'delta',
      whole(start(0, { type: 'text', text: '' }), delta(0, { type: 'hologram_delta', text: 'canary' })),
    ],
    [
      'variant of a result',
      whole(start(0, { type: 'web_fetch_tool_result', content: { type: 'hologram' } }), stop(0)),
    ],
  ])('is refused when it holds a %s of an unknown kind', async (_, events) => {
    const { client } = clientOf(respondWith(sseBytes(events)))

    await expect(streamed(client)).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PART_UNKNOWN',
      message: expect.not.stringContaining('canary'),
    })
  })

  it.each([
    [
      'two events in one line',
      new TextDecoder()
        .decode(sseBytes(whole(...text('a'))))
        .replace('\n\nevent: content_block_stop\ndata: ', ''),
    ],
    ['no JSON', 'data: {"type":"message_sta\n\n'],
    ['a list', 'data: []\n\n'],
  ])('is refused when it holds %s', async (_, sse) => {
    const { client } = clientOf(respondWith(sse))

    await expect(streamed(client)).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_ANSWER_MALFORMED' })
  })

  it.each([
    ['no JSON', 'hello'],
    ['no message', '{"type":"completion"}'],
    ['no content', '{"type":"message","content":"canary"}'],
    ['a block that is none', '{"type":"message","content":["canary"]}'],
  ])('is refused unstreamed when it is %s', async (_, body) => {
    const { client } = clientOf(respondWith(body))

    await expect(client.messages.create(params)).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_ANSWER_MALFORMED',
    })
  })

  it('is a stream that is no stream of events', async () => {
    const { client } = clientOf(respondWith('<html>canary</html>', html))

    await expect(streamed(client)).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_STREAM_ENDED' })
  })

  it.each([100, 1_000])('is refused once it is longer than %s bytes', async (maxAnswerBytes) => {
    const endless = [begin, ...text(...Array.from({ length: 500 }, () => 'a'.repeat(50)))]
    const { client } = clientOf(respondWith(sseBytes(endless)), { maxAnswerBytes })
    const unstreamed = clientOf(respondWith('['.repeat(2_000)), { maxAnswerBytes })

    await expect(streamed(client)).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_TOO_LARGE' })
    await expect(unstreamed.client.messages.create(params)).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_TOO_LARGE',
    })
  })

  it('is given up when nothing comes for too long', async () => {
    const pieces = [sseBytes([begin, ...text('a')])]
    const { client, sink } = clientOf(() => new Response(bodyOf(pieces, 'stall')), { stallMs: 5 })

    await expect(streamed(client)).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PROVIDER_STALLED',
      retryable: true,
    })
    await expect(client.messages.create(params)).rejects.toMatchObject({
      code: 'PARAPET_ADAPTER_PROVIDER_STALLED',
    })
    expect(sink.decisions.at(-1)?.complete).toBe(false)
  })

  it('names the kind of a break, and keeps its words back', async () => {
    const heard: unknown[] = []
    const pieces = [sseBytes([begin, ...text('a')])]
    const { client } = clientOf(() => new Response(bodyOf(pieces, 'error')), {
      onProviderError: (error) => void heard.push(error),
    })

    await expect(streamed(client)).rejects.toMatchObject({ code: 'PARAPET_ADAPTER_PROVIDER_FAILED' })
    expect(heard).toEqual([expect.objectContaining({ message: 'terminated' })])
  })

  it('keeps the words of an error event back, and its type', async () => {
    const heard: unknown[] = []
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'canary' } }
    const { client } = clientOf(respondWith(sseBytes([begin, error])), {
      onProviderError: (event) => {
        heard.push(event)
        throw new Error('a listener that fails')
      },
    })

    await expect(streamed(client)).rejects.toMatchObject({
      type: 'overloaded_error',
      message: expect.not.stringContaining('canary'),
    })
    expect(heard).toEqual([error])
  })

  it.each([400, 429, 500])('keeps what a refused call says back, and its kind: %s', async (status) => {
    const heard: unknown[] = []
    const body = JSON.stringify({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'canary: BLOCK-ME', details: { error_code: 'c1' } },
    })
    const { client } = clientOf(respondWith(body, { status }), {
      onProviderError: (error) => void heard.push(error),
    })

    const error: unknown = await client.messages.create(params).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({ status, type: 'invalid_request_error' })
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary')
    expect(heard.at(-1)).toEqual({ status, body })
  })

  it('is the cause of what messages.stream() throws, and typed as it is without the helper', async () => {
    const respond = respondWith(sseBytes([begin, { type: 'hologram' }]))
    const fault = { code: expect.stringMatching(/^PARAPET_ADAPTER_/) }

    await expect(finalOf(clientOf(respond).client)).rejects.toMatchObject({
      constructor: Anthropic.AnthropicError,
      cause: fault,
    })
    await expect(streamed(clientOf(respond).client)).rejects.toMatchObject(fault)
  })

  it('keeps the status of a refused call whose body is no JSON', async () => {
    await expect(
      clientOf(respondWith('<p>', { status: 502 })).client.messages.create(params),
    ).rejects.toMatchObject({ status: 502 })
  })
})
