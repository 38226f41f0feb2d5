import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createModelHost, type ModelHost } from '@parapet/runtime'
import type { Message } from '@parapet/sdk'
import { refusalDirection } from '../../src/index.ts'
import {
  type ActivationsHandlerOptions,
  activationsHandler,
  servedRefusalDirection,
} from '../../src/remote/index.ts'
import { scriptedServer } from '../builders/scripted-server.ts'
import { subject } from '../builders/subject.ts'
import { tinyDecoderWeights } from '../builders/tiny-weights.ts'
import { type WebServer, webServer } from '../builders/web-server.ts'

/** Starting a host takes a while where few cores are free. */
const LONG_MS = 180_000
const { signal } = new AbortController()
const PATIENT = { timeoutMs: 60_000 }
const say = (role: Message['role'], text: string): Message => ({ role, parts: [{ type: 'text', text }] })

let host: ModelHost
beforeAll(() => {
  host = createModelHost({ threads: 1 })
})
afterAll(() => host.close())

/** A folder of what belongs to a direction, as the app has it where the weights are served elsewhere. */
async function withoutWeights(folder: string): Promise<string> {
  const copy = `${folder}-without`
  await cp(folder, copy, { recursive: true })
  for (const file of ['model.onnx', 'tokenizer.json', 'tokenizer_config.json']) await rm(join(copy, file))
  return copy
}

describe.each([
  ['the places of its prompt', false],
  ['every token too', true],
])('a direction that reads %s, over HTTP', (_, everyToken) => {
  let server: WebServer
  let weights: string
  let without: string
  beforeAll(async () => {
    weights = await tinyDecoderWeights({}, { everyToken })
    without = await withoutWeights(weights)
    server = await webServer(activationsHandler({ weights, host }))
  })
  afterAll(async () => {
    await server.close()
    await rm(without, { recursive: true })
  })

  test(
    'gives the scores that it gives here, to the bit, with the same calibration',
    async () => {
      const served = await servedRefusalDirection({
        url: server.url,
        weights: without,
        ...PATIENT,
        cachedTexts: 0,
      }).load()
      const local = await refusalDirection({ weights, host }).load()
      const subjects = [
        subject('How long does a parcel to Norway take?'),
        subject('good '.repeat(80)),
        subject('And now?', { conversation: [say('user', 'One.'), say('assistant', 'Two.')] }),
        subject('A page that a tool brought.', { stage: 'toolResult' }),
        subject('It takes a week, as a rule.', {
          stage: 'output',
          conversation: [say('user', 'How long does it take?')],
        }),
        subject('Ça va ?', { language: 'fr' }),
        subject('word '.repeat(2_000)),
      ]

      expect(served.calibration).toEqual(local.calibration)
      for (const one of subjects) {
        const expected = await local.measure(one, { signal })
        expect(await served.measure(one, { signal })).toEqual(expected)
      }
    },
    LONG_MS,
  )
})

describe('the server', () => {
  let weights: string
  beforeAll(async () => {
    weights = await tinyDecoderWeights()
  })
  const asked = {
    messages: [{ role: 'user', content: 'canary good text' }],
    sites: [{ site: 'blocks.2.hook_resid_pre', position: 'last' }],
    maxTokens: 100,
  }
  const ask = (body: unknown, options: Partial<ActivationsHandlerOptions> = {}, headers = {}) =>
    activationsHandler({ weights, host, ...options })(
      new Request('http://here/v1/activations', {
        method: 'POST',
        headers,
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )

  test(
    'answers with a row for each place, and the digest of its weights',
    async () => {
      const response = await ask(asked)
      const body = (await response.json()) as { rows: string[] }

      expect(response.status).toBe(200)
      expect(body).toEqual({
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        tokens: expect.any(Number),
        rows: [expect.any(String)],
      })
      expect(Buffer.from(body.rows[0] ?? '', 'base64')).toHaveLength(32 * 4)
    },
    LONG_MS,
  )

  test(
    'a prompt that is longer than was allowed has no rows',
    async () => {
      expect(await (await ask({ ...asked, maxTokens: 3 })).json()).toEqual({
        sha256: expect.any(String),
        tokens: expect.any(Number),
      })
    },
    LONG_MS,
  )

  test.each<[string, unknown]>([
    ['no JSON', '{"messages": [canary'],
    ['no messages', { ...asked, messages: [] }],
    ['a role that is none', { ...asked, messages: [{ role: 'canary', content: 'a' }] }],
    ['no places', { ...asked, sites: [] }],
    ['a place that is none', { ...asked, sites: [{ site: 'canary', position: 'last' }] }],
    [
      'a block that the model does not have',
      { ...asked, sites: [{ ...asked.sites[0], site: 'blocks.99.hook_resid_pre' }] },
    ],
    ['a position behind the prompt', { ...asked, sites: [{ ...asked.sites[0], position: 5_000 }] }],
    ['an option that it does not know', { ...asked, canary: true }],
    ['an answer without readings', { ...asked, answer: 'canary' }],
    ['a weight that is no float32', { ...asked, readings: [reading('canary!')] }],
    ['a weight of another width', { ...asked, readings: [reading('AAAAAA==')] }],
  ])(
    '%s is refused with a code alone',
    async (_, body) => {
      const response = await ask(body)

      expect(response.status).toBe(422)
      expect(await response.text()).toMatch(/^\{"error":\{"code":"[\w]+"\}\}$/)
    },
    LONG_MS,
  )

  function reading(weight: string) {
    return { site: 'blocks.2.hook_resid_pre', weight, bias: 0, dropDimensions: [], normalise: 'none' }
  }

  test('a body that is larger than allowed is not read', async () => {
    const body = JSON.stringify({ ...asked, messages: [{ role: 'user', content: 'x'.repeat(5_000) }] })

    expect((await ask(body, { maxBodyBytes: 1024 })).status).toBe(422)
  })

  test(
    'lets in who has the key, and nobody else',
    async () => {
      const key = () => 'the-key'

      expect((await ask(asked, { key })).status).toBe(401)
      expect((await ask(asked, { key }, { authorization: 'Bearer another' })).status).toBe(401)
      expect((await ask(asked, { key }, { authorization: 'Bearer the-key' })).status).toBe(200)
    },
    LONG_MS,
  )

  test('answers nothing but GET and POST', async () => {
    const request = new Request('http://here/v1/activations', { method: 'DELETE' })

    expect((await activationsHandler({ weights, host })(request)).status).toBe(405)
  })

  test('weights that are not there are a fault of the server', async () => {
    expect((await ask(asked, { weights: '/nowhere' })).status).toBe(500)
  })
})

describe('a server of others that', () => {
  const server = scriptedServer()
  let weights: string
  let facts: Record<string, unknown>
  beforeAll(async () => {
    weights = await tinyDecoderWeights({}, { everyToken: true })
    const handler = activationsHandler({ weights, host })
    const described = await handler(new Request('http://here/v1/activations'))
    facts = ((await described.json()) as { model: typeof facts }).model
  })
  const numbers = (length: number, value = 0.5) =>
    Buffer.from(new Float32Array(length).fill(value).buffer).toString('base64')
  const sound = () => ({
    sha256: facts['sha256'],
    tokens: 20,
    rows: [numbers(32), numbers(32), numbers(32)],
    readings: [numbers(9)],
  })

  function answering(described: object, answered: object) {
    server.answer = ({ method }, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(method === 'GET' ? { model: described } : answered))
    }
    return servedRefusalDirection({ url: server.url, weights, attempts: 1, ...PATIENT }).load()
  }

  test('is asked for rows and for a number of each token', async () => {
    const loaded = await answering(facts, sound())

    expect(await loaded.measure(subject('good'), { signal })).toMatchObject({ kind: 'scored' })
    expect(JSON.parse(server.received.at(-1)?.body ?? '')).toMatchObject({
      messages: [{ role: 'user', content: 'good' }],
      sites: [{ position: 'last-instruction' }, { position: 'last' }, { position: 'last' }],
      readings: [{ site: 'blocks.2.hook_resid_pre', bias: 0, dropDimensions: [3], normalise: 'l2' }],
      maxTokens: 512,
    })
  })

  test.each(['sha256', 'tokenizerSha256', 'templateSha256'])(
    'states another %s is not loaded',
    async (fact) => {
      await expect(answering({ ...facts, [fact]: 'b'.repeat(64) }, sound())).rejects.toMatchObject({
        code: 'PARAPET_REMOTE_MODEL_MISMATCH',
      })
    },
  )

  test.each([
    ['layers', 5],
    ['hidden', 64],
  ])('states other %s is not loaded', async (fact, value) => {
    await expect(answering({ ...facts, [fact]: value }, sound())).rejects.toMatchObject({
      code: 'PARAPET_REMOTE_MODEL_MISMATCH',
    })
  })

  test('describes nothing is not loaded', async () => {
    await expect(answering({ id: 'tiny' }, sound())).rejects.toMatchObject({
      code: 'PARAPET_REMOTE_ANSWER_MALFORMED',
    })
  })

  test.each<[string, object, string]>([
    ['changes its model meanwhile', { sha256: 'b'.repeat(64) }, 'PARAPET_REMOTE_MODEL_MISMATCH'],
    ['names no digest', { sha256: undefined }, 'PARAPET_REMOTE_ANSWER_MALFORMED'],
    ['gives too few rows', { rows: [numbers(32)] }, 'PARAPET_REMOTE_ANSWER_MALFORMED'],
    [
      'gives rows of another width',
      { rows: [numbers(32), numbers(32), numbers(31)] },
      'PARAPET_REMOTE_ANSWER_MALFORMED',
    ],
    [
      'gives rows that are no base64',
      { rows: [numbers(32), numbers(32), `${'*'.repeat(172)}`] },
      'PARAPET_REMOTE_ANSWER_MALFORMED',
    ],
    [
      'gives NaN in a row',
      { rows: [numbers(32), numbers(32), numbers(32, Number.NaN)] },
      'PARAPET_REMOTE_ANSWER_MALFORMED',
    ],
    [
      'gives infinity in a reading',
      { readings: [numbers(9, Number.POSITIVE_INFINITY)] },
      'PARAPET_REMOTE_ANSWER_MALFORMED',
    ],
    ['gives no readings', { readings: undefined }, 'PARAPET_REMOTE_ANSWER_MALFORMED'],
    [
      'gives more numbers than there are tokens',
      { readings: [numbers(21)] },
      'PARAPET_REMOTE_ANSWER_MALFORMED',
    ],
    ['reads more tokens than were allowed', { tokens: 513 }, 'PARAPET_REMOTE_ANSWER_MALFORMED'],
    ['does not count its tokens', { tokens: undefined }, 'PARAPET_REMOTE_ANSWER_MALFORMED'],
    ['gives half a float', { readings: ['AAAA'] }, 'PARAPET_REMOTE_ANSWER_MALFORMED'],
    ['reads no token of the message', { readings: [''] }, 'PARAPET_DETECTOR_SCORE_INVALID'],
  ])('%s fails the measurement', async (_, changes, code) => {
    const loaded = await answering(facts, { ...sound(), ...changes })

    await expect(loaded.measure(subject('good'), { signal })).rejects.toMatchObject({ code })
  })

  test('found a text too long is abstained from', async () => {
    const loaded = await answering(facts, { sha256: facts['sha256'], tokens: 600 })

    expect(await loaded.measure(subject('good'), { signal })).toEqual({ kind: 'abstained', reason: 'length' })
  })
})

test('a direction of other weights than the manifest lists is refused', async () => {
  const weights = await tinyDecoderWeights()
  const path = join(weights, 'manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8'))
  await writeFile(path, JSON.stringify({ ...manifest, layers: 3 }))

  await expect(servedRefusalDirection({ url: 'http://127.0.0.1:1', weights }).load()).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_DIRECTION_MISMATCH',
  })
})
