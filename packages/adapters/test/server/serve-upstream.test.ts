import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type RunningServer, type ServeOptions, serve } from '@parapet/adapters/server'
import { createGuard, type Guard, memoryQueue, type Policy } from '@parapet/sdk'
import { recordingSink, SCRIPTED_MESSAGE, SCRIPTED_WORDS, scriptedPolicy } from '@parapet/sdk/testing'
import OpenAI from 'openai'
import { type Behaviour, chatStream, event, saying, scriptedUpstream } from './scripted-upstream.ts'
import { KEY, OTHER_KEY } from './server-under-test.ts'

const { block, hold, secret } = SCRIPTED_WORDS
const keys = [
  { tenant: 'acme', key: KEY },
  { tenant: 'other', key: OTHER_KEY },
]
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const streamed: (text: string) => Behaviour = (text) => (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.end(text)
}

/** What the scripted upstream can be asked for, by model. */
const MODELS: Readonly<Record<string, Behaviour>> = {
  fine: saying('Good morning to you'),
  secret: saying(`Your key is ${secret}, keep it`),
  bad: saying(`Well, ${block}`),
  hold: saying(`Well, ${hold}`),
  echo: (response, { body }) => saying(JSON.stringify(body['messages']))(response, { body } as never),
  refused: (response) => {
    response.writeHead(400, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        error: { message: `canary ${block}`, type: 'invalid_request_error', code: 'bad_value' },
      }),
    )
  },
  redirect: (response) => {
    response.writeHead(307, { location: 'http://169.254.169.254/latest' }).end()
  },
  html: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('<html>canary</html>')
  },
  huge: (response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const piece = 'x'.repeat(64 * 1024)
    const write = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', write)
    }
    write()
  },
  stalls: (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(chatStream(['held back']).slice(0, 200))
  },
  silent: () => undefined,
  early: (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(chatStream(['held back canary']).slice(0, 420))
    setImmediate(() => response.destroy())
  },
  cut: streamed(chatStream(['held back canary']).slice(0, 420)),
  malformed: streamed(`${event({ id: 1, choices: 'canary' })}data: {"canary\n\n`),
}

interface Opened {
  readonly server: RunningServer
  readonly guard: Guard
  readonly upstream: Awaited<ReturnType<typeof scriptedUpstream>>
  readonly records: ReturnType<typeof recordingSink>
  readonly client: OpenAI
  readonly faults: unknown[]
}

async function open(
  given: {
    readonly policy?: Policy
    readonly options?: ServeOptions
    readonly upstream?: object
    readonly models?: Behaviour
  } = {},
): Promise<Opened> {
  const { models } = given
  const upstream = await scriptedUpstream({ ...MODELS, ...(models ? { models } : {}) })
  const queue = memoryQueue()
  const records = recordingSink()
  const faults: unknown[] = []
  const guard = createGuard({ policy: given.policy ?? scriptedPolicy(), queue, records })
  const server = await serve(guard, {
    keys,
    queue,
    port: 0,
    closeTimeoutMs: 1_000,
    upstream: { url: upstream.url, key: 'upstream-secret', ...given.upstream },
    onFault: (error) => faults.push(error),
    ...given.options,
  })
  closing.push(upstream.close, () => server.close())
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: KEY, maxRetries: 0 })
  return { server, guard, upstream, records, client, faults }
}

const ask = (model: string, content = 'Hello') => ({ model, messages: [{ role: 'user' as const, content }] })

async function streamedText(client: OpenAI, model: string, content?: string) {
  const stream = await client.chat.completions.create({ ...ask(model, content), stream: true })
  let text = ''
  let finish: string | null = null
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? ''
    finish = choices[0]?.finish_reason ?? finish
  }
  return { text, finish }
}

async function wholeText(client: OpenAI, model: string, content?: string) {
  const { choices } = await client.chat.completions.create(ask(model, content))
  return { text: choices[0]?.message.content ?? '', finish: choices[0]?.finish_reason }
}

describe.each([
  ['whole', wholeText],
  ['streamed', streamedText],
])('the openai client, %s', (_, textOf) => {
  it.each([
    ['fine', { text: 'Good morning to you', finish: 'stop' }],
    ['secret', { text: 'Your key is [cut], keep it', finish: 'stop' }],
    ['bad', { text: SCRIPTED_MESSAGE, finish: 'content_filter' }],
  ])('gets of the model "%s" what the policy releases', async (model, expected) => {
    const { client } = await open()

    expect(await textOf(client, model)).toEqual(expected)
  })

  it('is judged before the upstream is asked', async () => {
    const { client, upstream } = await open()

    const blocked = await textOf(client, 'fine', block)
    const edited = await textOf(client, 'echo', `my ${secret}`)

    expect(blocked).toEqual({ text: SCRIPTED_MESSAGE, finish: 'content_filter' })
    expect(upstream.asked).toHaveLength(1)
    expect(edited.text).toContain('my [cut]')
  })

  it.each([
    ['refused', 400],
    ['redirect', 502],
    ['html', 502],
    ['huge', 502],
    ['silent', 502],
  ])('gets a typed error of the model "%s", and none of its words', async (model, status) => {
    const silence = model === 'silent' ? { timeoutMs: 200 } : {}
    const { client } = await open({ upstream: { ...silence, maxAnswerBytes: 1024 * 1024 } })

    const error = await textOf(client, model).catch((fault: unknown) => fault)

    expect(error).toBeInstanceOf(OpenAI.APIError)
    const { status: told, message } = error as InstanceType<typeof OpenAI.APIError>
    // What goes wrong after a stream has begun cannot change its status any more.
    const begun = textOf === streamedText && ['html', 'huge'].includes(model)
    expect(told).toBe(begun ? undefined : status)
    expect(message).not.toContain('canary')
  })
})

describe('a stream of the upstream that goes wrong', () => {
  it.each(['stalls', 'early', 'cut', 'malformed'])(
    'ends in an error event and releases nothing: %s',
    async (model) => {
      // Long enough for a busy machine to begin the stream.
      const { client, records } = await open({ upstream: model === 'stalls' ? { timeoutMs: 2_000 } : {} })
      const stream = await client.chat.completions.create({ ...ask(model), stream: true })
      let text = ''

      const read = async () => {
        for await (const { choices } of stream) text += choices?.[0]?.delta?.content ?? ''
      }

      await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError)
      expect(text).toBe('')
      expect(records.decisions.at(-1)?.complete).toBe(false)
    },
  )

  it('is let go when the caller goes away', async () => {
    const { client, upstream, server } = await open({
      policy: scriptedPolicy({ release: { windowCharacters: 40 } }),
    })
    const stream = await client.chat.completions.create({ ...ask('stalls'), stream: true })
    const reading = stream[Symbol.asyncIterator]().next()

    stream.controller.abort()
    await upstream.asked[0]?.left
    await reading.catch(() => undefined)

    expect(upstream.asked).toHaveLength(1)
    while (server.active() > 0) await new Promise((resolve) => setImmediate(resolve))
  })

  it('gives its place back, also when the caller is gone before it began', async () => {
    const { server, guard } = await open({ options: { maxConcurrent: 2 } })
    await guard.warm()

    for (let index = 0; index < 6; index++) {
      const controller = new AbortController()
      const asked = fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ ...ask('stalls'), stream: true }),
        signal: controller.signal,
      })
      while (server.active() === 0) await new Promise((resolve) => setImmediate(resolve))
      controller.abort()
      await asked.catch(() => undefined)
      while (server.active() > 0) await new Promise((resolve) => setImmediate(resolve))
    }

    expect(server.active()).toBe(0)
  })

  it('is cut off when the time of the request is over', async () => {
    const { client } = await open({ options: { requestTimeoutMs: 200 } })

    const read = async () => {
      const stream = await client.chat.completions.create({ ...ask('stalls'), stream: true })
      for await (const _ of stream);
    }

    await expect(read()).rejects.toThrow()
  })
})

describe('a system message of whoever calls', () => {
  const chat = (role: 'system' | 'developer', content: string) => ({
    model: 'echo',
    messages: [{ role, content }],
  })

  it('is judged as a user’s', async () => {
    const { client, upstream } = await open()

    for (const role of ['system', 'developer'] as const) {
      const blocked = await client.chat.completions.create(chat(role, block))
      expect(blocked.choices[0]?.message.content).toBe(SCRIPTED_MESSAGE)
    }
    const instructed = await client.responses.create({ model: 'fine', instructions: block, input: 'Hello' })
    const developed = await client.responses.create({
      model: 'fine',
      input: [{ role: 'developer', content: block }],
    })
    expect([instructed.output_text, developed.output_text]).toEqual([SCRIPTED_MESSAGE, SCRIPTED_MESSAGE])
    expect(upstream.asked).toHaveLength(0)
  })

  it('goes on edited, in its own role', async () => {
    const { client, upstream } = await open()

    await client.chat.completions.create(chat('system', `my ${secret}`))
    await client.responses
      .create({ model: 'fine', instructions: `my ${secret}`, input: 'Hello' })
      .catch(() => undefined)

    expect(upstream.asked[0]?.body['messages']).toEqual([{ role: 'system', content: 'my [cut]' }])
    expect(upstream.asked[1]?.body['instructions']).toBe('my [cut]')
  })

  it('passes where all callers are trusted', async () => {
    const { client, upstream } = await open({ options: { systemMessages: 'trust' } })

    await client.chat.completions.create(chat('system', secret))

    expect(upstream.asked[0]?.body['messages']).toEqual([{ role: 'system', content: secret }])
  })
})

describe('the list of models', () => {
  it('passes', async () => {
    const data = [{ id: 'm', object: 'model' }]
    const { client } = await open({
      models: (response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ object: 'list', data }))
      },
    })

    expect((await client.models.list()).data).toEqual(data)
  })

  it.each([
    ['refused', 400, 'bad_value'],
    ['huge', 502, 'PARAPET_ADAPTER_TOO_LARGE'],
  ])(
    'is a typed error where the upstream’s answer is %s, and none of its words',
    async (name, status, code) => {
      const models = MODELS[name] as Behaviour
      const { client } = await open({ models, upstream: { maxAnswerBytes: 64 * 1024 } })

      const error = await client.models.list().catch((fault: unknown) => fault)

      expect(error).toMatchObject({ status, code })
      expect(JSON.stringify([(error as Error).message, error])).not.toContain('canary')
    },
  )
})

it('responses are judged too', async () => {
  const { client, upstream } = await open()

  const answered = await client.responses.create({ model: 'fine', input: block })

  expect(answered.output_text).toBe(SCRIPTED_MESSAGE)
  expect(upstream.asked).toHaveLength(0)
})

describe('what reaches the upstream', () => {
  it('is its own key, and nothing of the connection or of ours', async () => {
    const { server, upstream } = await open()

    await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        'x-parapet-key': KEY,
        authorization: 'Bearer callers-own',
        'content-type': 'application/json',
        'openai-organization': 'org-1',
        'proxy-authorization': 'canary',
        te: 'canary',
        'x-forwarded-for': 'canary',
        cookie: 'canary',
        'x-parapet-tenant': 'other',
        'x-parapet-subject-key': 'person-1',
      },
      body: JSON.stringify(ask('fine')),
    }).then((response) => response.text())

    const [asked] = upstream.asked
    expect(asked?.headers).toMatchObject({
      authorization: 'Bearer upstream-secret',
      'openai-organization': 'org-1',
    })
    expect(JSON.stringify(asked?.headers)).not.toMatch(/canary|parapet|acme/)
  })

  it('is the caller’s own Authorization where the server has no key for it', async () => {
    const { server, upstream } = await open({ upstream: { key: undefined } as never })
    const post = (headers: Record<string, string>) =>
      fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(ask('fine')),
      }).then((response) => response.text())

    await post({ 'x-parapet-key': KEY, authorization: 'Bearer callers-own' })
    await post({ authorization: `Bearer ${KEY}` })
    await post({ 'x-parapet-key': KEY, authorization: `Bearer ${OTHER_KEY}` })
    await post({ 'x-parapet-key': KEY, authorization: KEY })
    await post({ 'x-parapet-key': KEY, authorization: `Basic x, Bearer ${KEY}` })
    await post({ 'x-parapet-key': KEY, authorization: `Basic ${btoa(`u:${KEY}`)}` })
    await post({ 'x-parapet-key': KEY, authorization: `Bearer:${KEY}` })
    await post({ 'x-parapet-key': KEY, authorization: `Bearer x ${KEY}` })

    expect(upstream.asked.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer callers-own',
      ...Array(7).fill(undefined),
    ])
  })

  it('is stored under the tenant of the key, and the person that the caller names', async () => {
    const { server, records } = await open()

    await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${OTHER_KEY}`,
        'content-type': 'application/json',
        'x-parapet-tenant': 'acme',
        'x-parapet-subject-key': 'person-1',
      },
      body: JSON.stringify(ask('fine')),
    }).then((response) => response.text())

    expect(new Set(records.decisions.map(({ tenant }) => tenant))).toEqual(new Set(['other']))
    expect(records.decisions[0]?.subjectDigest).toBeDefined()
  })
})

it('has no such routes without an upstream', async () => {
  const { server } = await open({ options: { upstream: undefined } as never })
  const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: KEY, maxRetries: 0 })

  await expect(client.chat.completions.create(ask('fine'))).rejects.toMatchObject({
    status: 404,
    code: 'PARAPET_SERVER_UPSTREAM_MISSING',
  })
})

describe('serve', () => {
  const guardOf = () => createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })

  it.each(['0.0.0.0', '::', '192.168.0.1', 'example.com'])(
    'does not start open to the world on %s',
    async (host) => {
      await expect(serve(guardOf(), { host, port: 0 })).rejects.toMatchObject({ code: 'PARAPET_SERVER_OPEN' })
    },
  )

  it('says that its port is taken', async () => {
    const { server } = await open()

    await expect(serve(guardOf(), { port: server.port })).rejects.toMatchObject({
      code: 'PARAPET_SERVER_LISTEN_FAILED',
      message: expect.stringContaining('EADDRINUSE'),
    })
  })

  it('refuses a message whose length is told twice', async () => {
    const { server } = await open()
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      [
        'POST /v1/check HTTP/1.1',
        'Host: localhost',
        'Content-Type: application/json',
        'Content-Length: 5',
        'Transfer-Encoding: chunked',
        '',
        '0',
        '',
        'GET /healthz HTTP/1.1',
        'Host: localhost',
        '',
        '',
      ].join('\r\n'),
    )

    const told = Buffer.concat(await socket.toArray()).toString()

    expect(told).toMatch(/^HTTP\/1\.1 400 /)
    expect(told).not.toContain('"ok"')
  })

  it('gives up on a body that trickles, and takes the connection back', async () => {
    const { server } = await open({ options: { bodyTimeoutMs: 100 } })
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      `POST /v1/check HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${KEY}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
    )
    const trickle = setInterval(() => socket.write(' '), 40)
    const pieces: Buffer[] = []
    socket.on('data', (piece) => {
      clearInterval(trickle)
      pieces.push(piece)
    })
    // Who still writes when the server has hung up is told so by a reset.
    socket.on('error', () => undefined)

    await once(socket, 'close')
    clearInterval(trickle)
    const told = Buffer.concat(pieces).toString()

    expect(told).toMatch(/^HTTP\/1\.1 408 /)
    expect(told).toContain('PARAPET_SERVER_BODY_TIMEOUT')
    expect(server.active()).toBe(0)
  })

  it('lets what runs finish when it closes, and closes once', async () => {
    const { server, client } = await open({ options: { closeTimeoutMs: 10_000 } })
    await client.models.list().catch(() => undefined)
    const running = wholeText(client, 'fine')
    while (server.active() === 0) await new Promise((resolve) => setImmediate(resolve))

    const closed = await Promise.all([server.close(), server.close()])

    expect((await running).text).toBe('Good morning to you')
    expect(closed).toEqual([true, true])
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
  })

  it('cuts off what does not finish in time', async () => {
    const { server, client } = await open({ options: { closeTimeoutMs: 50 } })
    const stream = await client.chat.completions.create({ ...ask('stalls'), stream: true })
    const read = async () => {
      for await (const _ of stream);
    }

    const [closed] = await Promise.all([server.close(), expect(read()).rejects.toThrow()])

    expect(closed).toBe(false)
  })
})
