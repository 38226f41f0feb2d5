import { describe, expect, it } from '@jest/globals'
import { SCRIPTED_MESSAGE, SCRIPTED_WORDS } from '@parapet/sdk/testing'
import {
  bodyOf,
  chunk,
  completion,
  DONE,
  eventStream,
  eventsOf,
  said,
  wireBench,
} from '../../test/contract/wire-bench.ts'

const { block, secret } = SCRIPTED_WORDS
const release = { windowCharacters: 40 }
const code = (name: string) => expect.objectContaining({ code: `PARAPET_ADAPTER_${name}` })

describe('a whole answer', () => {
  it('is written anew, with the decision in headers and in the body', async () => {
    const { chat, sink } = wireBench(
      completion({ content: `It is ${secret}.`, note: secret }, { note: secret }),
    )

    const response = await chat()
    const text = await response.text()

    expect(JSON.parse(text)).toEqual({
      id: 'c1',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'It is [cut].', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      parapet: { decisionId: response.headers.get('x-parapet-decision-id') },
    })
    expect(sink.find(response.headers.get('x-parapet-decision-id') ?? '')).toBeDefined()
  })

  it('that is blocked says so the provider’s way, in every choice that was asked for', async () => {
    const { chat } = wireBench(completion({ content: block }))

    const { choices } = (await (await chat({ n: 2 })).json()) as { choices: unknown }

    expect(choices).toEqual([
      expect.objectContaining({
        index: 0,
        finish_reason: 'content_filter',
        message: { role: 'assistant', content: SCRIPTED_MESSAGE, refusal: null },
      }),
      expect.objectContaining({
        index: 1,
        finish_reason: 'content_filter',
        message: { role: 'assistant', content: SCRIPTED_MESSAGE, refusal: null },
      }),
    ])
  })

  it('to a request that is blocked is one answer: each of its chunks has the same id', async () => {
    const { chat } = wireBench(completion({ content: 'Hi.' }))

    const events = await eventsOf(
      await chat({ stream: true, n: 2, messages: [{ role: 'user', content: block }] }),
    )

    expect(events).toHaveLength(4)
    expect(new Set(events.map(({ id }) => id)).size).toBe(1)
  })

  it('that was held has its ticket in a header and in the body', async () => {
    const { chat, queue } = wireBench(completion({ content: SCRIPTED_WORDS.hold }), {
      review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
    })

    const response = await chat()
    const { parapet } = (await response.json()) as { parapet: { ticket: string } }

    expect(parapet.ticket).toBe((await queue.list()).items[0]?.id)
    expect(response.headers.get('x-parapet-ticket')).toBe(parapet.ticket)
  })

  it('keeps sound back where its transcript was edited', async () => {
    const audio = { id: 'a1', data: 'AAAA', transcript: `It is ${secret}`, expires_at: 9 }
    const ask = async (transcript: string) => {
      const { chat } = wireBench(completion({ content: null, audio: { ...audio, transcript } }), {
        stage: { onAbstain: 'flag' },
      })
      const body = (await (await chat({ audio: { format: 'wav', voice: 'v' } })).json()) as never
      return (body as { choices: { message: { audio: unknown } }[] }).choices[0]?.message.audio
    }

    expect(await ask('Hello')).toEqual({ ...audio, transcript: 'Hello' })
    expect(await ask(`It is ${secret}`)).toEqual({ id: 'a1', transcript: 'It is [cut]', expires_at: 9 })
  })

  it('names the tool that the model made up only as it was judged', async () => {
    const call = (name: string) => ({ id: 't1', type: 'function', function: { name, arguments: '{}' } })
    const tools = [{ type: 'function', function: { name: 'look' } }]
    const { chat, log } = wireBench(
      completion({ content: null, tool_calls: [call('look'), { ...call(secret), id: 't2' }] }),
    )

    const body = (await (await chat({ tools })).json()) as never

    expect(
      (body as { choices: { message: { tool_calls: unknown } }[] }).choices[0]?.message.tool_calls,
    ).toEqual([call('look'), { ...call('[cut]'), id: 't2' }])
    expect(log.texts('toolCall')).toContain(secret)
  })
})

describe('a request', () => {
  it('reaches the provider edited and without what is Parapet’s own', async () => {
    const { chat, seen, sentBody, sink } = wireBench(completion({ content: 'Hi.' }))

    await chat(
      { messages: [{ role: 'user', content: `My key: ${secret}` }], temperature: 0 },
      { headers: { authorization: 'Bearer k', 'x-parapet-tenant': 'acme', 'content-length': '7' } },
    )

    expect(sentBody()).toEqual({
      model: 'm',
      temperature: 0,
      messages: [{ role: 'user', content: 'My key: [cut]' }],
    })
    expect(Object.fromEntries(new Headers(seen[0]?.init.headers))).toEqual({ authorization: 'Bearer k' })
    expect(sink.decisions.map(({ tenant }) => tenant)).toEqual(['acme', 'acme'])
  })

  it('is read and written anew, so that the provider reads what was judged', async () => {
    const { post, seen, sentBody } = wireBench(completion({ content: 'Hi.' }))

    await post(
      '/chat/completions',
      `{"model":"m","messages":[{"role":"user","content":"${block}","content":"fine"}]}`,
    )

    expect(seen).toHaveLength(1)
    expect(sentBody()).toEqual({ model: 'm', messages: [{ role: 'user', content: 'fine' }] })
  })

  it('comes as a Request too', async () => {
    const { fetch, seen } = wireBench(completion({ content: 'Hi.' }))
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: secret }] })

    await fetch(new Request('https://provider.test/v1/chat/completions', { method: 'POST', body }))

    expect(String(seen[0]?.init.body)).toContain('[cut]')
  })

  it.each<[string, string | Record<string, unknown>, RequestInit, string]>([
    ['no JSON', 'hello', {}, 'REQUEST_MALFORMED'],
    ['no object', '[]', {}, 'REQUEST_MALFORMED'],
    ['without messages', {}, {}, 'REQUEST_MALFORMED'],
    ['compressed', {}, { headers: { 'content-encoding': 'gzip' } }, 'REQUEST_MALFORMED'],
    ['too long', { messages: [{ role: 'user', content: 'a'.repeat(2_000) }] }, {}, 'TOO_LARGE'],
    [
      'for a misspelled context',
      { messages: [] },
      { headers: { 'x-parapet-tennant': 'a' } },
      'CONTEXT_INVALID',
    ],
    ['for an unknown context', { messages: [] }, { headers: { 'x-parapet-tenant': '' } }, 'CONTEXT_INVALID'],
  ])('that is %s is refused before the provider sees it', async (_, body, init, name) => {
    const { post, seen } = wireBench(completion({ content: 'Hi.' }), { wire: { maxRequestBytes: 1_000 } })

    await expect(post('/chat/completions', body, init)).rejects.toEqual(code(name))
    expect(seen).toHaveLength(0)
  })
})

describe('a hostile stream', () => {
  const TEXT = `Grüße 👋🏽, "quoted" \\ and ${secret} at the end.`
  const stream = [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: TEXT }),
    chunk({}, 'stop'),
    DONE,
  ]
  const bytes = new TextEncoder().encode(stream.join(''))

  it.each([1, 2, 3, 5, 7, 64])('gives the same in pieces of %i bytes', async (size) => {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
      bytes.slice(index * size, (index + 1) * size),
    )

    const { chat } = wireBench(pieces)

    expect(said(await eventsOf(await chat({ stream: true })))).toBe(TEXT.replace(secret, '[cut]'))
  })

  it('is read with line ends of any kind, comments, names and a last event without its empty line', async () => {
    const lines = stream.join('').trimEnd().replaceAll('\n\n', '\r\n\r\n')
    const { chat } = wireBench([`: hello\r\n\r\nevent: x\nid: 7\nretry: 3\n${lines}`])

    expect(said(await eventsOf(await chat({ stream: true })))).toBe(TEXT.replace(secret, '[cut]'))
  })

  it.each<[string, readonly string[]]>([
    ['no JSON in it', [chunk({ content: block }), 'data: {"choices":[{"ind\n\n', DONE]],
    ['no object in it', ['data: 7\n\n', DONE]],
    ['two events in one line', [`${chunk({ content: 'a' }).trimEnd()} ${chunk({ content: 'b' })}`, DONE]],
    ['a choice that goes on after its end', [chunk({}, 'stop'), chunk({ content: 'more' }), DONE]],
    [
      'a message in the place of a delta',
      [`data: {"choices":[{"index":0,"message":{"content":"a"}}]}\n\n`, DONE],
    ],
    ['a choice with no place', [chunk({ content: 'a' }, null, { index: 1.5 }), DONE]],
    [
      'two tool calls in one place',
      [chunk({ tool_calls: [{ index: 0, id: 'a' }] }), chunk({ tool_calls: [{ index: 0, id: 'b' }] }), DONE],
    ],
    [
      'arguments that are no text',
      [chunk({ tool_calls: [{ index: 0, function: { arguments: {} } }] }), DONE],
    ],
  ])('is an answer that cannot be read: %s', async (_, pieces) => {
    const { chat, sink } = wireBench(pieces, { release })

    const response = await chat({ stream: true })

    await expect(response.text()).rejects.toEqual(code('ANSWER_MALFORMED'))
    expect(sink.decisions.at(-1)?.complete).toBe(false)
  })

  it.each<[string, readonly string[]]>([
    ['nothing came', []],
    ['nothing but its end came', [DONE]],
    ['a choice has no end', [chunk({ content: block }), DONE]],
    ['it breaks off in an event', [chunk({ content: 'a' }), 'data: ']],
  ])('ends too early: %s', async (_, pieces) => {
    const { chat } = wireBench(pieces)

    await expect((await chat({ stream: true })).text()).rejects.toEqual(
      expect.objectContaining({ code: expect.stringMatching(/STREAM_ENDED|ANSWER_MALFORMED/) }),
    )
  })

  it('keeps back what the connection broke off with, and shows it to the operator', async () => {
    const errors: unknown[] = []
    const broken = new Error(`cannot read ${block}`)
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(broken),
    })
    const { chat } = wireBench(() => eventStream(body), {
      wire: { onProviderError: (error) => errors.push(error) },
    })

    const failed: unknown = await (await chat({ stream: true })).text().catch((error: unknown) => error)

    expect(failed).toEqual(code('PROVIDER_FAILED'))
    expect(JSON.stringify([failed, String(failed)])).not.toContain(block)
    expect(errors).toEqual([broken])
  })

  it('is not read past its longest length', async () => {
    let sent = 0
    const endless = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          sent++
          controller.enqueue(new TextEncoder().encode(`data: ${'a'.repeat(10_000)}`))
        },
      },
      { highWaterMark: 0 },
    )
    const { chat } = wireBench(() => eventStream(endless), { wire: { maxAnswerBytes: 100_000 } })

    await expect((await chat({ stream: true })).text()).rejects.toEqual(code('TOO_LARGE'))
    expect(sent).toBeLessThan(15)
  })

  it('may be a hundred megabytes of JSON: no more than allowed is read', async () => {
    let sent = 0
    const piece = new TextEncoder().encode(' '.repeat(1 << 20))
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (sent++ < 100) controller.enqueue(piece)
          else controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const { chat } = wireBench(() => eventStream(body, 'application/json'), {
      wire: { maxAnswerBytes: 4 << 20 },
    })

    await expect(chat()).rejects.toEqual(code('TOO_LARGE'))
    expect(sent).toBeLessThan(8)
  })

  it('keeps interleaved tool calls apart, and what comes between their pieces', async () => {
    const piece = (index: number, text: string, first: object = {}) =>
      chunk({
        tool_calls: [
          { index, ...first, function: { ...('id' in first ? { name: `f${index}` } : {}), arguments: text } },
        ],
      })
    const { chat, log } = wireBench([
      piece(0, '{"a":', { id: 'x', type: 'function' }),
      piece(1, '{"b":"SEC', { id: 'x', type: 'function' }),
      chunk({ content: 'Be' }),
      piece(0, '1}'),
      chunk({ tool_calls: [], hologram: block }),
      piece(1, 'RET-1234"}'),
      chunk({ content: 'tween' }, 'tool_calls'),
      DONE,
    ])

    const events = await eventsOf(await chat({ stream: true }))
    const calls = events.flatMap(({ choices }) =>
      (choices as { delta: { tool_calls?: object[] } }[]).flatMap(({ delta }) => delta.tool_calls ?? []),
    )

    // Two calls have one id, which is the provider's to explain: both are judged, and stand as they came.
    expect(calls).toEqual([
      { index: 0, id: 'x', type: 'function', function: { name: 'f0', arguments: '{"a":1}' } },
      { index: 1, id: 'x', type: 'function', function: { name: 'f1', arguments: '{"b":"[cut]"}' } },
    ])
    expect(said(events)).toBe('Between')
    expect(log.texts('toolCall')).toContain('b\nSECRET-1234')
    expect(JSON.stringify(events)).not.toContain('hologram')
  })

  it('judges as one text what stands in pieces around another kind of text', async () => {
    const [before, after] = [block.slice(0, 4), block.slice(4)]
    const { chat } = wireBench([
      chunk({ content: before }),
      chunk({ reasoning_content: 'hm' }),
      chunk({ content: after }, 'stop'),
      DONE,
    ])

    const events = await eventsOf(await chat({ stream: true }))

    expect(said(events)).toBe(SCRIPTED_MESSAGE)
  })
})

describe('a content type that lies', () => {
  const pieces = [chunk({ content: `It is ${secret}` }), chunk({}, 'stop'), DONE]

  it.each([
    ['events that call themselves JSON', true, 'application/json', pieces.join('')],
    [
      'JSON that calls itself events',
      true,
      'text/event-stream',
      JSON.stringify(completion({ content: block })),
    ],
    ['a page', true, 'text/html', `<html>${block}</html>`],
    ['a page, unstreamed', false, 'text/html', `<html>${block}</html>`],
    ['nothing', false, 'application/json', ''],
  ])('gives a typed error and no text: %s', async (_, stream, type, body) => {
    const { chat } = wireBench(() => eventStream(body, type))

    const failed: unknown = await chat({ stream })
      .then((response) => response.text())
      .catch((error: unknown) => error)

    expect(failed).toEqual(
      expect.objectContaining({ code: expect.stringMatching(/ANSWER_MALFORMED|STREAM_ENDED/) }),
    )
  })

  it('does not matter where the caller gets the form that was asked for', async () => {
    const streamed = wireBench(completion({ content: `It is ${secret}` }))
    const whole = wireBench(pieces)

    expect(said(await eventsOf(await streamed.chat({ stream: true })))).toBe('It is [cut]')
    expect(await (await whole.chat()).json()).toMatchObject({
      choices: [{ message: { content: 'It is [cut]' } }],
    })
  })
})

describe('what the provider says besides answers', () => {
  it('keeps its sentences back where it refuses a call, and what lets a client try again', async () => {
    const errors: unknown[] = []
    const refusal = {
      error: { message: `No: ${block}`, code: 'rate_limit', type: 'x y' },
      failed_generation: block,
    }
    const { chat } = wireBench(
      () =>
        Response.json(refusal, {
          status: 429,
          headers: { 'retry-after': '2', 'x-request-id': 'req_1', 'x-note': block },
        }),
      { wire: { onProviderError: (error) => errors.push(error) } },
    )

    const response = await chat()
    const text = await response.text()

    expect(response.status).toBe(429)
    expect(JSON.parse(text)).toEqual({
      error: { message: expect.any(String), type: null, param: null, code: 'rate_limit' },
    })
    expect(text).not.toContain(block)
    expect(response.headers.get('retry-after')).toBe('2')
    expect(response.headers.get('x-request-id')).toBe('req_1')
    expect(response.headers.get('x-note')).toBeNull()
    expect(errors).toEqual([{ status: 429, body: JSON.stringify(refusal) }])
  })

  it('keeps an error back that stands in a stream, or in the place of a whole answer', async () => {
    const error = { error: { message: block } }
    const streamed = wireBench([chunk({ content: 'a' }), `data: ${JSON.stringify(error)}\n\n`])
    const whole = wireBench(error)

    await expect((await streamed.chat({ stream: true })).text()).rejects.toEqual(code('PROVIDER_FAILED'))
    await expect(whole.chat()).rejects.toEqual(code('PROVIDER_FAILED'))
  })
})

describe('a caller that gives up', () => {
  const endless = () => {
    const state = { aborted: false }
    const open = (init: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init.signal?.addEventListener('abort', () => {
          state.aborted = true
          reject(init.signal?.reason)
        })
      })
    return { state, open }
  }

  it('before it asked, asks nobody', async () => {
    const { chat, seen } = wireBench(completion({ content: 'Hi.' }))

    await expect(chat({}, { signal: AbortSignal.abort('gone') })).rejects.toBe('gone')
    expect(seen).toHaveLength(0)
  })

  it('while a person decides on the request, asks nobody', async () => {
    const { chat, seen, queue } = wireBench(completion({ content: 'Hi.' }))
    const controller = new AbortController()
    const asking = chat(
      { messages: [{ role: 'user', content: SCRIPTED_WORDS.hold }] },
      { signal: controller.signal },
    )
    while ((await queue.list()).items.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    controller.abort('gone')

    await expect(asking).rejects.toBe('gone')
    expect(seen).toHaveLength(0)
  })

  it('while the provider thinks, aborts it', async () => {
    const { state, open } = endless()
    const controller = new AbortController()
    const bench = wireBench(() => open(bench.seen[0]?.init ?? {}))
    const asking = bench.chat({}, { signal: controller.signal })
    while (bench.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    controller.abort('gone')

    await expect(asking).rejects.toBe('gone')
    expect(state.aborted).toBe(true)
  })

  it('while an answer streams, lets go of the provider and puts on record what was judged', async () => {
    const text = 'a'.repeat(200)
    const stalling = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(chunk({ content: text }))),
    })
    const { chat, sink, seen } = wireBench(() => eventStream(stalling), { release })
    const reader = (await chat({ stream: true })).body?.getReader()
    await reader?.read()

    await reader?.cancel('gone')

    expect(seen[0]?.init.signal?.aborted).toBe(true)
    expect(sink.decisions.at(-1)).toMatchObject({ complete: false })
  })

  it('with its signal while a stream stalls, gets its own reason', async () => {
    const controller = new AbortController()
    const stalling = new ReadableStream<Uint8Array>({})
    const { chat, sink } = wireBench(() => eventStream(stalling))
    const reading = (await chat({ stream: true }, { signal: controller.signal })).text()

    controller.abort('gone')

    await expect(reading).rejects.toBe('gone')
    expect(sink.decisions.at(-1)).toMatchObject({ complete: false })
  })
})

describe('a provider that stalls', () => {
  const wire = { stallMs: 20 }
  const begun = (text: string) =>
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    })
  const STALLED = { code: 'PARAPET_ADAPTER_PROVIDER_STALLED', retryable: true }

  it.each<[string, () => Promise<Response> | Response, boolean]>([
    ['before it answers', () => new Promise<Response>(() => {}), true],
    ['within a stream', () => eventStream(begun(chunk({ content: 'canary' }))), true],
    ['within a whole answer', () => eventStream(begun('{'), 'application/json'), false],
  ])('is given up: %s', async (_, sent, stream) => {
    const { chat, seen } = wireBench(sent, { wire })

    const reading = chat({ stream }).then((response) => response.text())

    await expect(reading).rejects.toMatchObject(STALLED)
    expect(seen[0]?.init.signal?.aborted).toBe(true)
  })

  it('has what was judged on record, and nothing of it is said after', async () => {
    const { chat, sink } = wireBench(() => eventStream(begun(chunk({ content: 'canary' }))), {
      wire: { ...wire, faults: 'answer' },
    })

    const text = await (await chat({ stream: true })).text()

    expect(text).toContain(STALLED.code)
    expect(text).not.toContain('canary')
    expect(sink.decisions.at(-1)).toMatchObject({ complete: false })
  })

  it('is known by its status alone where it stalls within a refusal', async () => {
    const { chat } = wireBench(() => new Response(begun('{'), { status: 500 }), { wire })

    expect((await chat()).status).toBe(500)
  })

  it('is none where it is the caller who reads slowly', async () => {
    const { chat } = wireBench([chunk({ content: 'a' }), chunk({}, 'stop'), DONE], { wire })
    const response = await chat({ stream: true })
    await new Promise((resolve) => setTimeout(resolve, 60))

    expect(await response.text()).toContain('[DONE]')
  })

  it.each([0, 2 ** 31, 1.5])('is waited for in a range: not %s ms', (stallMs) => {
    expect(() => wireBench([], { wire: { stallMs } })).toThrow('stallMs')
  })
})

describe('faults: answer', () => {
  const wire = { faults: 'answer' } as const

  it('says a fault as OpenAI’s API does, and that trying again is no use', async () => {
    const { post } = wireBench(completion({ content: 'Hi.' }), { wire })

    const response = await post('/batches', {})

    expect(response.status).toBe(404)
    expect(response.headers.get('x-should-retry')).toBe('false')
    expect(await response.json()).toEqual({
      error: {
        message: expect.stringContaining('POST /v1/batches'),
        type: 'parapet_error',
        param: null,
        code: 'PARAPET_ADAPTER_ROUTE_REFUSED',
      },
    })
  })

  it('ends a stream with an error event', async () => {
    const { chat } = wireBench([chunk({ content: block }), 'data: {\n\n'], { wire })

    const events = await eventsOf(await chat({ stream: true }))

    expect(events).toEqual([
      { type: 'error', error: expect.objectContaining({ code: 'PARAPET_ADAPTER_ANSWER_MALFORMED' }) },
    ])
  })

  it('leaves errors of the network to whoever asked', async () => {
    const { chat } = wireBench(() => Promise.reject(new TypeError('fetch failed')), { wire })

    await expect(chat()).rejects.toThrow(TypeError)
  })
})

it('refuses options that it does not know', () => {
  expect(() => wireBench({}, { wire: { retries: 3 } as never })).toThrow(code('OPTIONS'))
  expect(() => wireBench({}, { wire: { passRoutes: ['/images/'] } })).toThrow(code('OPTIONS'))
})

it('aborts the provider’s call when the answer is blocked in mid-stream', async () => {
  let pulled = 0
  const slow = bodyOf(Array.from({ length: 500 }, () => chunk({ content: `${block} aaaa ` })))
  const { chat, seen } = wireBench(
    () =>
      eventStream(
        slow.pipeThrough(
          new TransformStream({
            transform(piece, controller) {
              pulled++
              controller.enqueue(piece)
            },
          }),
        ),
      ),
    { release },
  )

  await (await chat({ stream: true })).text()

  expect(seen[0]?.init.signal?.aborted).toBe(true)
  expect(pulled).toBeLessThan(20)
})

describe('words that every object knows', () => {
  it.each(['constructor', '__proto__', 'toString'])('are no kinds of parts: %s', async (word) => {
    const item = { id: 'i', type: word, text: block }
    const parts = [{ type: word, text: block }]
    const answer = { id: 'r', status: 'completed', output: [item] }
    const message = { id: 'm', type: 'message', role: 'assistant', content: parts }
    const event = `data: ${JSON.stringify({ type: `${word}.delta`, delta: block })}\n\n`
    const unknown = code('PART_UNKNOWN')

    await expect(wireBench({}).respond({ input: [item] })).rejects.toEqual(unknown)
    await expect(wireBench({}).respond({ input: [{ role: word, content: 'a' }] })).rejects.toEqual(unknown)
    await expect(wireBench({}).respond({ input: [{ role: 'user', content: parts }] })).rejects.toEqual(
      unknown,
    )
    await expect(wireBench({}).chat({ messages: [{ role: 'user', content: parts }] })).rejects.toEqual(
      unknown,
    )
    await expect(wireBench(answer).respond()).rejects.toEqual(unknown)
    await expect(wireBench({ ...answer, output: [message] }).respond()).rejects.toEqual(unknown)
    await expect((await wireBench([event]).respond({ stream: true })).text()).rejects.toEqual(
      code('STREAM_ENDED'),
    )
  })
})

describe('JSON that is nested too deep', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

  it('is a request that cannot be read', async () => {
    const { post, seen } = wireBench(completion({ content: 'Hi.' }))

    await expect(post('/chat/completions', `{"model":"m","messages":[],"tools":${deep}}`)).rejects.toEqual(
      code('REQUEST_MALFORMED'),
    )
    expect(seen).toHaveLength(0)
  })

  it('is an answer that cannot be read', async () => {
    const item = `{"id":"w","type":"web_search_call","status":"completed","action":${deep}}`
    const body = `{"id":"r","status":"completed","output":[${item}]}`
    const { respond } = wireBench(() => eventStream(body, 'application/json'))

    await expect(respond()).rejects.toEqual(code('ANSWER_MALFORMED'))
  })
})

it('lets no client try again with an approval that is used up', async () => {
  const { chat, queue, seen } = wireBench(() => new Response('{}', { status: 503 }), {
    review: { mode: 'defer', withinMs: 60_000, otherwise: 'block' },
  })
  const messages = [{ role: 'user', content: SCRIPTED_WORDS.hold }]
  const ticket = (await chat({ messages })).headers.get('x-parapet-ticket') ?? ''
  const claim = await queue.claim({ reviewer: 'ada' })
  await queue.decide({ id: ticket, token: claim?.token ?? '', outcome: 'approve' })

  const refused = await chat({ messages }, { headers: { 'x-parapet-grant': ticket } })

  expect(seen).toHaveLength(1)
  expect(refused.status).toBe(503)
  expect(refused.headers.get('x-should-retry')).toBe('false')
})
