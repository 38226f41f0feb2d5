import { describe, expect, it, jest } from '@jest/globals'
import { createServerApp } from '@parapet/adapters/server'
import { createGuard, memoryQueue } from '@parapet/sdk'
import { SCRIPTED_WORDS, scriptedDetector, scriptedPolicy, wordDetector } from '@parapet/sdk/testing'
import { KEY, OTHER_KEY, serverUnderTest } from './server-under-test.ts'

const QUESTION = { stage: 'input', text: 'Good morning' }
const CANARY = 'canary-7f3a'

/** A policy whose detector answers when the test lets it. */
function waitingPolicy() {
  let open: () => void = () => undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const detector = scriptedDetector({
    labels: ['block', 'hold', 'secret'],
    script: async () => {
      await gate
      return { kind: 'scored', scores: { block: 0, hold: 0, secret: 0 } }
    },
  })
  return { policy: scriptedPolicy({ detector, stage: { budgetMs: 60_000 } }), open }
}

const codeOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string } }).error.code

describe('who may call', () => {
  it.each([
    ['Authorization', { authorization: `Bearer ${KEY}` }],
    ['x-api-key', { authorization: '', 'x-api-key': KEY }],
    ['x-parapet-key', { authorization: '', 'x-parapet-key': KEY }],
  ])('lets a key in as %s', async (_, headers) => {
    const { post } = await serverUnderTest()

    expect((await post('/v1/check', QUESTION, headers)).status).toBe(200)
  })

  it.each([
    ['no key', { authorization: '' }],
    ['another key', { authorization: `Bearer ${KEY}x` }],
    ['a part of a key', { authorization: `Bearer ${KEY.slice(0, -1)}` }],
    ['a right one behind a wrong one of more weight', { 'x-api-key': 'wrong' }],
    ['a key in another scheme', { authorization: `Basic ${KEY}` }],
  ])('keeps out %s', async (_, headers) => {
    const { post, records } = await serverUnderTest()

    const response = await post('/v1/check', QUESTION, headers)

    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await codeOf(response)).toBe('PARAPET_SERVER_UNAUTHORIZED')
    expect(records.decisions).toHaveLength(0)
  })

  it('stores what is stored under the tenant of the key, whatever the body says', async () => {
    const { post, records } = await serverUnderTest()

    await post('/v1/check', QUESTION, { authorization: `Bearer ${OTHER_KEY}` })
    const claimed = await post('/v1/check', { ...QUESTION, context: { tenant: 'acme' } })

    expect(records.decisions.map(({ tenant }) => tenant)).toEqual(['other'])
    expect(claimed.status).toBe(400)
  })

  it('answers this machine alone where there are no keys', async () => {
    const { post } = await serverUnderTest({ server: { keys: [], allowKeyless: true } })

    const own = await post('/v1/check', QUESTION, { host: 'localhost:8471' })
    const rebound = await post('/v1/check', QUESTION, { host: 'attacker.example' })

    expect(own.status).toBe(200)
    expect(rebound.status).toBe(421)
    expect(await codeOf(rebound)).toBe('PARAPET_SERVER_HOST_REFUSED')
  })

  it('makes no handler without keys, unless told that this machine alone reaches it', async () => {
    const guard = createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })

    for (const options of [{}, { keys: [] }, { keys: [], allowKeyless: false }])
      await expect(createServerApp(guard, options)).rejects.toMatchObject({
        code: 'PARAPET_SERVER_OPTIONS',
        message: expect.stringContaining('allowKeyless'),
      })
  })

  it('does not believe a Host header against the address of the request', async () => {
    const { app } = await serverUnderTest({ server: { keys: [], allowKeyless: true } })
    const headers = { host: 'localhost', 'content-type': 'application/json' }
    const body = JSON.stringify(QUESTION)

    const response = await app.fetch(
      new Request('http://203.0.113.9/v1/check', { method: 'POST', headers, body }),
    )

    expect(response.status).toBe(421)
  })
})

describe('what is taken', () => {
  it.each([
    ['another type', QUESTION, { 'content-type': 'text/plain' }, 415, 'PARAPET_SERVER_CONTENT_TYPE'],
    [
      'another charset',
      QUESTION,
      { 'content-type': 'application/json; charset=utf-16' },
      415,
      'PARAPET_SERVER_CONTENT_TYPE',
    ],
    ['an encoding', QUESTION, { 'content-encoding': 'gzip' }, 415, 'PARAPET_SERVER_CONTENT_TYPE'],
    ['no JSON', `{"text": "${CANARY}"`, {}, 400, 'PARAPET_SERVER_BODY_INVALID'],
    ['an unknown key', { ...QUESTION, [CANARY]: 1 }, {}, 400, 'PARAPET_SERVER_BODY_INVALID'],
    ['an unknown stage', { stage: CANARY, text: 'x' }, {}, 400, 'PARAPET_SERVER_BODY_INVALID'],
    ['neither text nor messages', { stage: 'input' }, {}, 400, 'PARAPET_SERVER_BODY_INVALID'],
    ['JSON nested deep', `${'['.repeat(100_000)}`, {}, 400, 'PARAPET_SERVER_BODY_INVALID'],
    [
      'a body that is too long',
      { ...QUESTION, text: CANARY.repeat(20_000) },
      {},
      413,
      'PARAPET_SERVER_BODY_TOO_LARGE',
    ],
    [
      'a context that cannot be stored',
      { ...QUESTION, context: { subjectKey: `${CANARY}\u0000` } },
      {},
      400,
      'PARAPET_CONTEXT_INVALID',
    ],
  ])('refuses %s, and repeats nothing of it', async (_, body, headers, status, code) => {
    const { post, records } = await serverUnderTest({ server: { maxBodyBytes: 200_000 } })

    const response = await post('/v1/check', body, headers)
    const told = await response.text()

    expect(response.status).toBe(status)
    expect(JSON.parse(told)).toMatchObject({ error: { code, param: null } })
    expect(told).not.toContain(CANARY)
    expect(records.decisions).toHaveLength(0)
  })

  it('refuses bytes that are no UTF-8', async () => {
    const { app } = await serverUnderTest()
    const body = new Uint8Array([...new TextEncoder().encode('{"stage":"input","text":"'), 0xff, 0x22, 0x7d])

    const response = await app.fetch(
      new Request('http://localhost/v1/check', {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body,
      }),
    )

    expect(await codeOf(response)).toBe('PARAPET_SERVER_BODY_INVALID')
  })

  it('counts the bytes of a body that does not say how long it is', async () => {
    const { app } = await serverUnderTest({ server: { maxBodyBytes: 1_024 } })
    let sent = 0
    const body = new ReadableStream({
      pull(controller) {
        sent += 512
        controller.enqueue(new Uint8Array(512).fill(0x20))
      },
    })

    const response = await app.fetch(
      new Request('http://localhost/v1/check', {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body,
        duplex: 'half',
      } as RequestInit),
    )

    expect(response.status).toBe(413)
    expect(response.headers.get('connection')).toBe('close')
    expect(sent).toBeLessThan(4_096)
  })

  it('waits for a body so long and no longer', async () => {
    const { app } = await serverUnderTest({ server: { bodyTimeoutMs: 20 } })
    let cancelled = false
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"stage":')),
      cancel: () => {
        cancelled = true
      },
    })

    const response = await app.fetch(
      new Request('http://localhost/v1/check', {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
        body,
        duplex: 'half',
      } as RequestInit),
    )

    expect(response.status).toBe(408)
    expect(await codeOf(response)).toBe('PARAPET_SERVER_BODY_TIMEOUT')
    expect(cancelled).toBe(true)
  })

  it.each([
    ['an unknown route', 'GET', '/v1/secrets'],
    ['another method', 'DELETE', '/v1/check'],
  ])('knows %s by its code', async (_, method, path) => {
    const { app } = await serverUnderTest()

    const response = await app.fetch(new Request(`http://localhost${path}`, { method }))

    expect(response.status).toBe(404)
    expect(await codeOf(response)).toBe('PARAPET_SERVER_ROUTE_UNKNOWN')
  })
})

describe('how much at once', () => {
  it('refuses more than it may work on, and takes the next when one is done', async () => {
    const { policy, open } = waitingPolicy()
    const { post, app } = await serverUnderTest({
      policy,
      server: { maxConcurrent: 2, maxConcurrentPerTenant: 2 },
    })
    const running = [post('/v1/check', QUESTION), post('/v1/check', QUESTION)]
    await new Promise((resolve) => setImmediate(resolve))

    const refused = await post('/v1/check', QUESTION)
    open()
    const answered = await Promise.all(running)
    await Promise.all(answered.map((response) => response.text()))
    const later = await post('/v1/check', QUESTION)

    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await codeOf(refused)).toBe('PARAPET_SERVER_BUSY')
    expect(answered.map(({ status }) => status)).toEqual([200, 200])
    expect(later.status).toBe(200)
    await later.text()
    expect(app.active()).toBe(0)
  })

  it('keeps room for the other tenants while the requests of one wait', async () => {
    const { policy, open } = waitingPolicy()
    const { post } = await serverUnderTest({ policy, server: { maxConcurrent: 4 } })
    const running = [1, 2, 3, 4].map(() => post('/v1/check', QUESTION))
    await new Promise((resolve) => setImmediate(resolve))

    const other = post('/v1/check', QUESTION, { authorization: `Bearer ${OTHER_KEY}` })
    await new Promise((resolve) => setImmediate(resolve))
    open()
    const answered = await Promise.all(running)

    expect((await other).status).toBe(200)
    expect(answered.map(({ status }) => status)).toEqual([200, 200, 429, 429])
    expect(await answered[3]?.text()).toContain('maxConcurrentPerTenant')
    await Promise.all(answered.slice(0, 2).map((response) => response.text()))
    expect((await post('/v1/check', QUESTION)).status).toBe(200)
  })

  it('lets a tenant that is alone have all the room', async () => {
    const { policy, open } = waitingPolicy()
    const keys = [{ tenant: 'acme', key: KEY }]
    const { post } = await serverUnderTest({ policy, server: { keys, maxConcurrent: 2 } })
    const running = [post('/v1/check', QUESTION), post('/v1/check', QUESTION)]
    await new Promise((resolve) => setImmediate(resolve))
    open()

    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200])
  })

  it('gives a request up when its time is over', async () => {
    const { policy, open } = waitingPolicy()
    const { post, faults } = await serverUnderTest({ policy, server: { requestTimeoutMs: 20 } })

    const response = await post('/v1/check', QUESTION)
    open()

    expect(response.status).toBe(504)
    expect(await codeOf(response)).toBe('PARAPET_SERVER_TIMEOUT')
    expect(faults).toHaveLength(1)
  })

  it('finishes what runs when it stops, and takes nothing new', async () => {
    const { policy, open } = waitingPolicy()
    const { post, get, app } = await serverUnderTest({ policy })
    const running = post('/v1/check', QUESTION)
    await new Promise((resolve) => setImmediate(resolve))

    const stopped = app.stop({ withinMs: 60_000 })
    const refused = await post('/v1/check', QUESTION)
    const ready = await get('/readyz')
    open()
    const answered = await running

    expect(refused.status).toBe(503)
    expect(refused.headers.get('connection')).toBe('close')
    expect(await codeOf(refused)).toBe('PARAPET_SERVER_STOPPING')
    expect(ready.status).toBe(503)
    expect(answered.status).toBe(200)
    await answered.text()
    expect(await stopped).toBe(true)
  })

  it('cuts off what is not finished in time', async () => {
    const { policy, open } = waitingPolicy()
    const { post, app } = await serverUnderTest({ policy })
    const running = post('/v1/check', QUESTION)
    await new Promise((resolve) => setImmediate(resolve))

    expect(await app.stop({ withinMs: 10 })).toBe(false)
    expect((await running).status).toBe(503)
    open()
  })
})

describe('health', () => {
  it('is alive without a key, however busy', async () => {
    const { policy, open } = waitingPolicy()
    const { post, app } = await serverUnderTest({ policy, server: { maxConcurrent: 1 } })
    const running = post('/v1/check', QUESTION)

    const response = await app.fetch(new Request('http://localhost/healthz'))
    open()
    await running

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
  })

  it('is ready when the detectors are loaded', async () => {
    let load: () => void = () => undefined
    const loading = new Promise<void>((resolve) => {
      load = resolve
    })
    const guard = createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })
    const app = await createServerApp({ ...guard, warm: () => loading }, { allowKeyless: true })
    const ready = async () => {
      const response = await app.fetch(new Request('http://localhost/readyz'))
      return { status: response.status, body: await response.json() }
    }

    const before = await ready()
    load()
    await loading
    await new Promise((resolve) => setImmediate(resolve))
    const after = await ready()

    expect(before).toEqual({ status: 503, body: { ready: false, detectors: 'loading', queue: 'none' } })
    expect(after).toEqual({ status: 200, body: { ready: true, detectors: 'loaded', queue: 'none' } })
  })

  it('says that a detector did not load, tells the operator why, and tries again', async () => {
    const faults: unknown[] = []
    let fails = true
    const guard = createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })
    const warm = () => (fails ? Promise.reject(new Error(CANARY)) : Promise.resolve())
    const app = await createServerApp(
      { ...guard, warm },
      { allowKeyless: true, onFault: (error) => faults.push(error) },
    )
    const ready = async () => (await app.fetch(new Request('http://localhost/readyz'))).text()

    await new Promise((resolve) => setImmediate(resolve))
    const failed = await ready()
    fails = false
    const later = performance.now() + 1_000
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => later)
    await ready()
    const mended = await ready()
    clock.mockRestore()

    expect(JSON.parse(failed)).toMatchObject({ ready: false, detectors: 'failed' })
    expect(failed).not.toContain(CANARY)
    expect(faults.length).toBeGreaterThan(0)
    expect(JSON.parse(mended)).toMatchObject({ ready: true, detectors: 'loaded' })
  })

  it('is not ready while the queue cannot be reached', async () => {
    const { get, queue } = await serverUnderTest()
    await queue.close()

    const response = await get('/readyz')

    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ queue: 'unreachable' })
  })
})

describe('what goes wrong inside', () => {
  it('is told by its code, and by no word of it', async () => {
    const { post, records, faults } = await serverUnderTest()
    records.failWith(new Error(`disk full at /var/${CANARY}`))

    const response = await post('/v1/check', { stage: 'input', text: CANARY })
    const told = await response.text()

    expect(response.status).toBe(500)
    expect(JSON.parse(told)).toMatchObject({ error: { code: 'PARAPET_SERVER_FAILED', type: 'server_error' } })
    expect(told).not.toContain(CANARY)
    expect(faults).toHaveLength(1)
  })

  it('gives onError where a detector throws', async () => {
    const { post } = await serverUnderTest({ policy: scriptedPolicy({ detector: wordDetector() }) })

    const response = await post('/v1/check', { stage: 'input', text: SCRIPTED_WORDS.fail })

    expect(await response.json()).toMatchObject({ verdict: 'block', reasons: [{ kind: 'failed' }] })
  })

  it('refuses options that are wrong, with every mistake', async () => {
    const guard = createGuard({ policy: scriptedPolicy(), queue: memoryQueue() })
    const options = { maxBodyBytes: 0, upstream: { url: 'https://user:secret@host' }, verbose: true }

    const made = createServerApp(guard, options as never)

    await expect(made).rejects.toMatchObject({
      code: 'PARAPET_SERVER_OPTIONS',
      message: expect.stringMatching(/(?=.*maxBodyBytes)(?=.*upstream\.url)(?=.*verbose)/),
    })
    await expect(made).rejects.not.toMatchObject({ message: expect.stringContaining('secret') })
  })
})
