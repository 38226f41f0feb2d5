import { inspect } from 'node:util'
import { beforeAll, describe, expect, it, test } from '@jest/globals'
import { isParapetError } from '@parapet/sdk'
import { detectorContract } from '@parapet/sdk/testing'
import { CANARY_KEY, remoteCases } from '../builders/remote-detectors.ts'
import { SERVER_FAULTS, scriptedServer } from '../builders/scripted-server.ts'
import { subject } from '../builders/subject.ts'
import { tinyDecoderWeights, tinyEncoderWeights } from '../builders/tiny-weights.ts'

const server = scriptedServer()
let weights = ''
let decoder = ''
beforeAll(async () => {
  weights = await tinyEncoderWeights()
  decoder = await tinyDecoderWeights()
})

const CANARY = 'canary good text'
const { signal } = new AbortController()
/** No second attempt, no memory, and a circuit that stays closed: each fault shows as itself. */
const BARE = { attempts: 1, cachedTexts: 0, circuitFailures: 1_000 }

describe.each(
  Object.entries(
    remoteCases(
      () => weights,
      () => decoder,
    ),
  ),
)('%s', (_, { make, sound }) => {
  describe('keeps the detector contract:', () => {
    const texts = ['How long does a parcel to Norway take?', 'You are a fool.']
    const cases = detectorContract(() => make(server.url), { texts })
    for (const { name, run } of cases)
      it(name, async () => {
        server.answer = sound
        await run()
      })
  })

  test.each(SERVER_FAULTS)(
    'a server that %s is %s, and says nothing of text or key',
    async (_name, code, answer) => {
      server.answer = sound
      const timeoutMs = code === 'PARAPET_REMOTE_TIMEOUT' ? 600 : 20_000
      const loaded = await make(server.url, { ...BARE, timeoutMs: 20_000 }).load()
      const hurried =
        code === 'PARAPET_REMOTE_TIMEOUT' ? await make(server.url, { ...BARE, timeoutMs }).load() : loaded
      server.answer = answer

      const error: unknown = await hurried
        .measure(subject(CANARY), { signal })
        .catch((thrown: unknown) => thrown)

      expect(isParapetError(error) && error.code).toBe(code)
      const told = inspect(error, { depth: 20, showHidden: true })
      expect(told).not.toContain('canary')
      expect(told).not.toContain(CANARY_KEY)
      server.answer = sound
      await expect(loaded.measure(subject(CANARY), { signal })).resolves.toMatchObject({ kind: 'scored' })
    },
  )

  test('sends the key in its header alone, and one text once', async () => {
    server.answer = sound
    const loaded = await make(server.url).load()
    const before = server.received.length

    await Promise.all([
      loaded.measure(subject(CANARY), { signal }),
      loaded.measure(subject(CANARY), { signal }),
    ])
    await loaded.measure(subject(CANARY), { signal })

    const [sent, ...more] = server.received.slice(before)
    expect(more).toEqual([])
    expect(sent?.headers.authorization).toBe(`Bearer ${CANARY_KEY}`)
    expect(`${sent?.path} ${sent?.body}`).not.toContain(CANARY_KEY)
  })

  test('says who gets the content, and nothing of the key', () => {
    const { descriptor } = make(server.url)

    expect(descriptor).toMatchObject({ tier: 'remote', sendsTo: server.url })
    expect(JSON.stringify(descriptor)).not.toContain(CANARY_KEY)
  })

  test('its digest says what is measured, and not how it is called', async () => {
    server.answer = sound
    const digests = await Promise.all(
      [{}, { timeoutMs: 500, attempts: 3 }].map(
        async (options) => (await make(server.url, options).load()).digest,
      ),
    )

    expect(new Set(digests).size).toBe(1)
  })

  test('a service that is down is not asked any more', async () => {
    server.answer = sound
    const loaded = await make(server.url, { attempts: 1, circuitFailures: 2, cachedTexts: 0 }).load()
    server.answer = (_request, response) => void response.destroy()
    const codes: unknown[] = []
    const before = server.received.length
    for (let i = 0; i < 4; i++) {
      codes.push(
        await loaded.measure(subject(CANARY), { signal }).catch(({ code }: { code: string }) => code),
      )
    }

    expect(codes.slice(2)).toEqual(['PARAPET_REMOTE_CIRCUIT_OPEN', 'PARAPET_REMOTE_CIRCUIT_OPEN'])
    expect(server.received.length - before).toBe(2)
  })

  test('a caller who goes away ends the request, and frees its slot', async () => {
    server.answer = sound
    const loaded = await make(server.url, {
      concurrency: 1,
      queued: 0,
      attempts: 1,
      timeoutMs: 20_000,
    }).load()
    const arrived = Promise.withResolvers<void>()
    const closed = Promise.withResolvers<void>()
    server.answer = (_request, response) => {
      response.on('close', () => closed.resolve())
      arrived.resolve()
    }
    const leaving = new AbortController()
    const left = loaded.measure(subject(CANARY), { signal: leaving.signal })
    left.catch(() => {})
    await arrived.promise

    leaving.abort()

    await expect(left).rejects.toMatchObject({ code: 'PARAPET_DETECTOR_ABORTED' })
    await closed.promise
    server.answer = sound
    await expect(loaded.measure(subject('good'), { signal })).resolves.toMatchObject({ kind: 'scored' })
  })

  test.each([
    ['an unknown option', { timeoutMS: 5 }],
    ['a timeout of 0', { timeoutMs: 0 }],
    ['half an attempt', { attempts: 1.5 }],
    ['a concurrency that is a text', { concurrency: '8' }],
    ['a queue without end', { queued: Number.POSITIVE_INFINITY }],
    ['two sources of the key', { keyEnv: 'A_KEY' }],
    ['a key in place of its name', { keyEnv: CANARY_KEY }],
  ])('%s is refused when it is made', (_name, options) => {
    const made = () => make(server.url, options as never)

    expect(made).toThrow(expect.objectContaining({ code: 'PARAPET_DETECTOR_OPTION_INVALID' }))
    expect(made).not.toThrow(CANARY_KEY)
  })

  test.each([
    'ftp://example.com',
    'example.com',
    'http://user:secret@localhost:1',
    'http://localhost:1/?api-key=secret',
    'http://example.com/v1',
    '',
  ])('the address %j is refused when it is made', (url) => {
    expect(() => make(url)).toThrow(expect.objectContaining({ code: 'PARAPET_DETECTOR_OPTION_INVALID' }))
    expect(() => make(url)).not.toThrow('secret')
  })
})
