import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import {
  createModelHost,
  type DecoderModel,
  type EncoderModel,
  type EncoderRead,
  type Generation,
  type ModelHost,
  type ModelHostOptions,
  openModelFolder,
  residPre,
  type TextDelta,
} from '@parapet/runtime'
import { type TinyLayout, writeTinyDecoder, writeTinyEncoder } from '@parapet/runtime/testing'

const CANARY = 'canary-51c9'
const LAYOUTS: TinyLayout[] = ['genai', 'plain']

let root: string
const hosts: ModelHost[] = []
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-host-'))
  await writeTinyEncoder(join(root, 'encoder'))
  // One that never ends an answer by itself, for tests that take one back.
  const endless = { contextTokens: 1_000_000, chat: { eosTokenIds: [1_000_000] } }
  await writeTinyDecoder(join(root, 'endless'), { manifest: endless })
  for (const layout of LAYOUTS) await writeTinyDecoder(join(root, layout), { layout })
})
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()))
})
afterAll(() => rm(root, { recursive: true }))

function makeHost(options: ModelHostOptions = {}): ModelHost {
  const host = createModelHost({ threads: 1, ...options })
  hosts.push(host)
  return host
}
async function encoderOn(host: ModelHost, directory = join(root, 'encoder')): Promise<EncoderModel> {
  return host.encoder(await openModelFolder(directory, 'encoder'))
}
async function decoderOn(host: ModelHost, layout: TinyLayout = 'genai'): Promise<DecoderModel> {
  return host.decoder(await openModelFolder(join(root, layout), 'decoder'))
}
/** Its answer goes on until it is stopped. */
async function endlessAnswer(host: ModelHost, signal?: AbortSignal): Promise<Generation> {
  const decoder = host.decoder(await openModelFolder(join(root, 'endless'), 'decoder'))
  const request = { messages: user('go on'), maxNewTokens: 500_000, temperature: 2 }
  return decoder.generate(signal === undefined ? request : { ...request, signal })
}
const user = (content: string) => [{ role: 'user' as const, content }]
const code = (name: string) => expect.objectContaining({ code: name })
const numbers = (row: Float32Array | undefined) => Array.from(row ?? [])

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 1000) throw new Error('the condition did not come true')
    await sleep(10)
  }
}

describe('EncoderModel', () => {
  test('reads texts in windows, and a text reads the same whatever stands beside it', async () => {
    const encoder = await encoderOn(makeHost())
    const long = 'good bad '.repeat(20)
    const [alone] = await encoder.read({ texts: [long] })
    const [, beside, empty] = await encoder.read({ texts: ['bad', long, ''] })

    expect(beside).toEqual(alone)
    expect(alone).toMatchObject({ kind: 'read', tokens: 40, windows: 4, unknownTokens: 0 })
    expect((alone as EncoderRead).outputs['sentiment']).toHaveLength(4)
    expect((alone as EncoderRead).outputs['toxicity']?.[0]).toHaveLength(2)
    expect(empty).toMatchObject({ kind: 'read', tokens: 0, windows: 1 })
  })

  test('special tokens in a text are plain text', async () => {
    const encoder = await encoderOn(makeHost())

    const [reading] = await encoder.read({ texts: ['[SEP]'] })

    // Three pieces and no control token: [, sep in letters, ].
    expect(reading).toMatchObject({ kind: 'read', tokens: 5 })
  })

  test('a text over maxTokens is answered before anything is run', async () => {
    const host = makeHost()
    const encoder = await encoderOn(host)

    // Would never end if it were run.
    const readings = await encoder.read({
      texts: ['hang '.repeat(11), 'good', 'a'.repeat(200)],
      maxTokens: 10,
    })

    expect(readings.map(({ kind }) => kind)).toEqual(['too-long', 'read', 'too-long'])
    expect(readings[0]).toEqual({ kind: 'too-long', tokens: 11 })
    expect(readings[2]).toEqual({ kind: 'too-long', tokens: undefined })
  })

  test('10 MB of text and lone surrogates do no harm', async () => {
    const host = makeHost()
    const encoder = await encoderOn(host)

    const readings = await encoder.read({ texts: ['x'.repeat(10_000_000), '\uD800 good \uDFFF'] })

    expect(readings[0]).toEqual({ kind: 'too-long', tokens: undefined })
    expect(readings[1]).toMatchObject({ kind: 'read', unknownTokens: expect.any(Number) })
    expect(host.status().replaced).toBe(0)
  })

  test('who asks the same at the same time shares one pass', async () => {
    const host = makeHost()
    const encoder = await encoderOn(host)
    await encoder.warm()
    const both = [encoder.read({ texts: ['slow'], outputs: ['toxicity'] }), encoder.read({ texts: ['slow'] })]
    await until(() => host.status().running > 0)

    expect(host.status()).toMatchObject({ running: 1, queued: 0 })
    const [toxicity, all] = await Promise.all(both)
    expect(toxicity?.[0]).toMatchObject({ outputs: { toxicity: expect.anything() } })
    expect(toxicity?.[0]).not.toHaveProperty('outputs.sentiment')
    expect(all?.[0]).toHaveProperty('outputs.sentiment')
  })

  test('one of two who share may leave without harm to the other', async () => {
    const host = makeHost()
    const encoder = await encoderOn(host)
    await encoder.warm()
    const leaving = new AbortController()
    const left = encoder.read({ texts: ['slow'], signal: leaving.signal })
    const stays = encoder.read({ texts: ['slow'] })
    leaving.abort()

    await expect(left).rejects.toEqual(code('PARAPET_RUNTIME_ABORTED'))
    expect((await stays)[0]).toMatchObject({ kind: 'read' })
  })

  test.each([
    ['texts that are none', { texts: 'good' as unknown as string[] }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
    ['a text that is none', { texts: [7 as unknown as string] }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
    ['a budget of nothing', { texts: ['a'], budgetMs: 0 }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
    ['half a token', { texts: ['a'], maxTokens: 0.5 }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
    ['an output that is not there', { texts: ['a'], outputs: ['mood'] }, 'PARAPET_MODEL_OUTPUT_UNKNOWN'],
    ['a signal that is aborted', { texts: ['a'], signal: AbortSignal.abort() }, 'PARAPET_RUNTIME_ABORTED'],
  ])('%s is refused without a host', async (_, request, expected) => {
    const host = makeHost()
    const encoder = await encoderOn(host)

    await expect(encoder.read(request)).rejects.toEqual(code(expected))
    expect(host.status().state).toBe('idle')
  })
})

describe.each(LAYOUTS)('DecoderModel, %s layout', (layout) => {
  test('reads the embedding itself at block 0, and other rows deeper', async () => {
    const decoder = await decoderOn(makeHost(), layout)
    const reading = await decoder.read({
      messages: user('ab'),
      sites: [
        { site: residPre(0), position: 'last-instruction' },
        { site: residPre(0), position: -1 },
        { site: residPre(0), position: 'last' },
        { site: residPre(3), position: 'last' },
      ],
    })
    const letterB = await decoder.read({
      messages: user('zzzb'),
      sites: [{ site: residPre(0), position: 'last-instruction' }],
    })
    if (reading.kind !== 'read' || letterB.kind !== 'read') throw new Error('too long')

    // What enters block 0 is the token's embedding: the same wherever the token stands.
    expect(reading.rows[0]).toEqual(letterB.rows[0])
    expect(reading.rows[1]).toEqual(reading.rows[2])
    expect(reading.rows[3]).not.toEqual(reading.rows[2])
    expect(reading.rows[3]).toHaveLength(32)
  })

  test('a row does not depend on how deep the graph goes, on other sites, or on the chunks of a long prompt', async () => {
    const decoder = await decoderOn(makeHost(), layout)
    const messages = user('x'.repeat(700))
    const site = { site: residPre(1), position: 'last-instruction' as const }
    const rows = async (sites: (typeof site)[], addGenerationPrompt = true) => {
      const reading = await decoder.read({ messages, sites, addGenerationPrompt })
      if (reading.kind !== 'read') throw new Error('too long')
      return numbers(reading.rows[0])
    }
    const alone = await rows([site])
    const deep = await rows([site, { ...site, site: residPre(3) }])
    const shorter = await rows([site], false)

    expect(deep).toEqual(alone)
    for (const [index, number] of shorter.entries()) expect(number).toBeCloseTo(alone[index] ?? 0, 4)
  })

  test('answers the same as its own answer read token by token', async () => {
    const decoder = await decoderOn(makeHost(), layout)
    const deltas: TextDelta[] = []
    const generation = decoder.generate({ messages: user('hello'), maxNewTokens: 100 })
    for await (const delta of generation) deltas.push(delta)
    const finished = await generation.finished
    const again = await decoder.generate({ messages: user('hello'), maxNewTokens: 100 }).finished

    expect(finished.text).toBe(deltas.map(({ text }) => text).join(''))
    expect(finished).toEqual(again)
    expect(finished.newTokens).toBeLessThanOrEqual(100)
    for (const { text } of deltas) expect(text.isWellFormed()).toBe(true)
  })

  test('a shorter cap gives the start of the same answer', async () => {
    const decoder = await decoderOn(makeHost(), layout)
    const answer = async (maxNewTokens: number) =>
      await decoder.generate({ messages: user('tell me'), maxNewTokens, temperature: 1, seed: 3 }).finished

    const [short, long] = [await answer(20), await answer(90)]

    expect(short).toMatchObject({ reason: 'max-tokens', newTokens: 20 })
    expect(long.text.startsWith(short.text)).toBe(true)
  })
})

describe('DecoderModel', () => {
  test('both layouts of cache give each its own tokens, one by one or all at once', async () => {
    const decoder = await decoderOn(makeHost())
    const seeded = { maxNewTokens: 300, temperature: 1.5 }
    const one = decoder.generate({ messages: user('a'), seed: 1, ...seeded }).finished
    const two = decoder.generate({ messages: user('b'), seed: 2, ...seeded }).finished
    const together = await Promise.all([one, two])

    expect((await decoder.generate({ messages: user('a'), seed: 1, ...seeded }).finished).text).toBe(
      together[0].text,
    )
    expect((await decoder.generate({ messages: user('b'), seed: 2, ...seeded }).finished).text).toBe(
      together[1].text,
    )
  })

  test('a prompt that does not fit is an error when it is answered, and too long when it is read', async () => {
    const decoder = await decoderOn(makeHost())
    const messages = user('y'.repeat(2030))

    await expect(decoder.generate({ messages, maxNewTokens: 10 }).finished).rejects.toMatchObject({
      code: 'PARAPET_MODEL_CONTEXT_EXCEEDED',
      message: expect.stringContaining('2048'),
    })
    const sites = [{ site: residPre(1), position: 'last' as const }]
    expect(await decoder.read({ messages, sites })).toEqual({ kind: 'too-long', tokens: 2068 })
    expect(await decoder.read({ messages: user('y'.repeat(1e7)), sites })).toEqual({
      kind: 'too-long',
      tokens: undefined,
    })
    await expect(
      decoder.generate({ messages: user('y'.repeat(1e7)), maxNewTokens: 10 }).finished,
    ).rejects.toEqual(code('PARAPET_MODEL_CONTEXT_EXCEEDED'))
  })

  test('leaving the iteration ends the answer in the host', async () => {
    const host = makeHost()
    const generation = await endlessAnswer(host)
    for await (const _ of generation) break

    await expect(generation.finished).rejects.toEqual(code('PARAPET_RUNTIME_ABORTED'))
    await until(() => host.status().running === 0)
  })

  test('an abort in mid-answer is the error of the iteration', async () => {
    const abort = new AbortController()
    const generation = await endlessAnswer(makeHost(), abort.signal)
    const iterate = async () => {
      for await (const _ of generation) abort.abort()
    }

    await expect(iterate()).rejects.toEqual(code('PARAPET_RUNTIME_ABORTED'))
  })

  test('readings are answered while an answer is written', async () => {
    const host = makeHost()
    const encoder = await encoderOn(host)
    await encoder.warm()
    const generation = await endlessAnswer(host)
    let ended = false
    const end = generation.finished.then(() => {
      ended = true
    })
    for await (const _ of generation) {
      await encoder.read({ texts: ['good'] })
      break
    }

    expect(ended).toBe(false)
    await expect(end).rejects.toEqual(code('PARAPET_RUNTIME_ABORTED'))
  })

  test('answers to several go on in turn', async () => {
    const decoder = await decoderOn(makeHost())
    await decoder.warm()
    const order: number[] = []
    await Promise.all(
      [1, 2].map(async (which) => {
        const generation = decoder.generate({
          messages: user('go'),
          maxNewTokens: 40,
          temperature: 2,
          seed: which,
        })
        for await (const _ of generation) order.push(which)
      }),
    )

    // Not all of one and then all of the other.
    const firstEnd = order.lastIndexOf(order[0] ?? 0)
    expect(order.slice(0, firstEnd)).toContain(order[0] === 1 ? 2 : 1)
  })

  test.each([
    ['no message', { messages: [] }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
    ['no new tokens', { maxNewTokens: 0 }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
    ['more new tokens than there is context', { maxNewTokens: 1e6 }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
    ['an empty stop text', { stop: [''] }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
    ['a negative temperature', { temperature: -1 }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
    ['no mass to draw from', { topP: 0 }, 'PARAPET_RUNTIME_REQUEST_INVALID'],
  ])('%s is refused', async (_, change, expected) => {
    const decoder = await decoderOn(makeHost())

    const generation = decoder.generate({ messages: user('a'), maxNewTokens: 5, ...change })

    await expect(generation.finished).rejects.toEqual(code(expected))
  })

  test.each([
    [
      'a block that is not there',
      { site: residPre(4), position: 'last' as const },
      'PARAPET_MODEL_SITE_UNKNOWN',
    ],
    [
      'another spelling',
      { site: 'blocks.1.mlp' as never, position: 'last' as const },
      'PARAPET_MODEL_SITE_UNKNOWN',
    ],
    ['a position behind the prompt', { site: residPre(1), position: 5000 }, 'PARAPET_MODEL_POSITION_UNKNOWN'],
    ['a position that is no index', { site: residPre(1), position: 1.5 }, 'PARAPET_MODEL_POSITION_UNKNOWN'],
  ])('%s is refused', async (_, site, expected) => {
    const decoder = await decoderOn(makeHost())

    await expect(decoder.read({ messages: user('a'), sites: [site] })).rejects.toEqual(code(expected))
  })

  test('without a user message there is no last instruction', async () => {
    const decoder = await decoderOn(makeHost())
    const sites = [{ site: residPre(1), position: 'last-instruction' as const }]

    await expect(decoder.read({ messages: [{ role: 'assistant', content: 'a' }], sites })).rejects.toEqual(
      code('PARAPET_MODEL_POSITION_UNKNOWN'),
    )
  })
})

describe('faults of a host', () => {
  test('killed in mid-run: what ran is told, and the next request is served by another host', async () => {
    const host = makeHost()
    const encoder = await encoderOn(host)
    const before = await encoder.read({ texts: ['good'] })
    const running = encoder.read({ texts: ['hang'] })
    running.catch(() => {})
    await until(() => host.status().running === 1)
    await sleep(200)
    const { pid } = host.status()
    process.kill(pid ?? 0, 'SIGKILL')

    await expect(running).rejects.toMatchObject({ code: 'PARAPET_RUNTIME_HOST_CRASHED', retryable: true })
    expect(await encoder.read({ texts: ['good'] })).toEqual(before)
    expect(host.status().pid).not.toBe(pid)
    expect(host.status().replaced).toBe(1)
  })

  test('killed in mid-answer: the iteration fails, and what was given stays given', async () => {
    const host = makeHost()
    const generation = await endlessAnswer(host)
    const given: string[] = []
    const iterate = async () => {
      for await (const { text } of generation) {
        given.push(text)
        if (given.length === 3) process.kill(host.status().pid ?? 0, 'SIGKILL')
      }
    }

    await expect(iterate()).rejects.toEqual(code('PARAPET_RUNTIME_HOST_CRASHED'))
    expect(given.length).toBeGreaterThanOrEqual(3)
  })

  test('a model that hangs fails its request, and is replaced for the next', async () => {
    const host = makeHost({ unresponsiveMs: 700 })
    const encoder = await encoderOn(host)
    await encoder.warm()

    await expect(encoder.read({ texts: ['hang'] })).rejects.toMatchObject({
      code: 'PARAPET_RUNTIME_HOST_UNRESPONSIVE',
      retryable: true,
    })
    expect((await encoder.read({ texts: ['good'] }))[0]).toMatchObject({ kind: 'read' })
    expect(host.status().replaced).toBe(1)
  })

  test('a budget ends the wait in time, though the model hangs', async () => {
    const host = makeHost({ unresponsiveMs: 1500 })
    const encoder = await encoderOn(host)
    await encoder.warm()

    // Without the budget it would be the host that is found unresponsive.
    await expect(encoder.read({ texts: ['hang'], budgetMs: 150 })).rejects.toEqual(
      code('PARAPET_RUNTIME_DEADLINE'),
    )

    // What hangs on is found out although nobody waits for it.
    expect((await encoder.read({ texts: ['good'] }))[0]).toMatchObject({ kind: 'read' })
    expect(host.status().replaced).toBe(1)
  })

  test('a budget ends a wait in the queue, and the request is never run', async () => {
    const host = makeHost({ unresponsiveMs: 2000 })
    const encoder = await encoderOn(host)
    await encoder.warm()
    const blocked = [encoder.read({ texts: ['hang'] }), encoder.read({ texts: ['hang hang'] })]
    for (const one of blocked) one.catch(() => {})

    await expect(encoder.read({ texts: ['good'], budgetMs: 100 })).rejects.toMatchObject({
      code: 'PARAPET_RUNTIME_DEADLINE',
      message: expect.stringContaining('queued'),
    })
    expect(host.status().queued).toBe(0)
  })

  test('an abort takes effect between the windows of a long text', async () => {
    const host = makeHost()
    const encoder = await encoderOn(host)
    await encoder.warm()
    const abort = new AbortController()
    // Eleven slow windows: far longer than this test may take.
    const reading = encoder.read({ texts: ['slow '.repeat(110)], signal: abort.signal })
    reading.catch(() => {})
    await until(() => host.status().running === 1)
    abort.abort()

    await expect(reading).rejects.toEqual(code('PARAPET_RUNTIME_ABORTED'))
    expect((await encoder.read({ texts: ['good'] }))[0]).toMatchObject({ kind: 'read' })
    expect(host.status().replaced).toBe(0)
  })

  test('a full queue refuses, and says so in a way that can be tried again', async () => {
    const host = makeHost({ maxQueue: 4 })
    const encoder = await encoderOn(host)
    const readings = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => encoder.read({ texts: [`good ${'bad '.repeat(index)}`] })),
    )

    expect(readings.filter(({ status }) => status === 'fulfilled')).toHaveLength(4)
    for (const reading of readings) {
      if (reading.status === 'rejected')
        expect(reading.reason).toMatchObject({ code: 'PARAPET_RUNTIME_OVERLOADED', retryable: true })
    }
  })

  test('no error holds a word of the texts', async () => {
    const host = makeHost({ unresponsiveMs: 400, maxQueue: 2 })
    const encoder = await encoderOn(host)
    const decoder = await decoderOn(host)
    const text = `${CANARY} hang`
    const failures = await Promise.allSettled([
      encoder.read({ texts: [text] }),
      encoder.read({ texts: [text, 'a'] }),
      encoder.read({ texts: [text, 'b'] }),
      encoder.read({ texts: [text], budgetMs: 20 }),
      decoder.read({ messages: user(CANARY), sites: [{ site: residPre(0), position: 9999 }] }),
      decoder.generate({ messages: user(CANARY.repeat(5000)), maxNewTokens: 5 }).finished,
    ])

    expect(failures.map(({ status }) => status)).toEqual(new Array(6).fill('rejected'))
    for (const failure of failures) {
      const error = (failure as PromiseRejectedResult).reason as Error
      expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain(CANARY)
    }
  })
})

describe('faults of a model', () => {
  const broken = async (name: string, change: (directory: string) => Promise<void>) => {
    const directory = join(root, name)
    await writeTinyEncoder(directory)
    await change(directory)
    return encoderOn(makeHost(), directory)
  }

  test('a file that was changed is refused before it is loaded', async () => {
    const encoder = await broken('changed', async (directory) => {
      const bytes = await readFile(join(directory, 'model.onnx'))
      bytes[500] = (bytes[500] ?? 0) ^ 1
      await writeFile(join(directory, 'model.onnx'), bytes)
    })

    await expect(encoder.read({ texts: ['good'] })).rejects.toEqual(code('PARAPET_MODEL_DIGEST_MISMATCH'))
  })

  test.each([
    ['cut', async (directory: string) => (await readFile(join(directory, 'model.onnx'))).subarray(0, 400)],
    ['replaced by a text', async () => new TextEncoder().encode('no model')],
  ])('a model.onnx that is %s, its digest right, is PARAPET_MODEL_CORRUPT', async (name, make) => {
    const encoder = await broken(`corrupt ${name}`, async (directory) => {
      await writeTinyEncoder(directory, { files: { 'model.onnx': await make(directory) } })
    })

    await expect(encoder.read({ texts: ['good'] })).rejects.toEqual(code('PARAPET_MODEL_CORRUPT'))
  })

  test('a tokenizer of another model is PARAPET_MODEL_TOKENIZER_INVALID', async () => {
    const directory = join(root, 'wrong tokenizer')
    await writeTinyDecoder(directory, { manifest: { vocabulary: 200 } })
    const decoder = makeHost().decoder(await openModelFolder(directory, 'decoder'))

    await expect(decoder.generate({ messages: user('a'), maxNewTokens: 1 }).finished).rejects.toEqual(
      code('PARAPET_MODEL_TOKENIZER_INVALID'),
    )
  })

  test('outputs that do not fit the manifest are PARAPET_MODEL_OUTPUT_MALFORMED', async () => {
    for (const outputs of [{ mood: { labels: ['good'] } }, { toxicity: { labels: ['a', 'b', 'c'] } }]) {
      const encoder = await broken(`outputs ${Object.keys(outputs)[0]}`, (directory) =>
        writeTinyEncoder(directory, { manifest: { outputs } }),
      )

      await expect(encoder.read({ texts: ['good'] })).rejects.toEqual(code('PARAPET_MODEL_OUTPUT_MALFORMED'))
    }
  })

  test('a graph without a residual stream is refused for reading, and answers all the same', async () => {
    const directory = join(root, 'layers')
    await writeTinyDecoder(directory, { layout: 'plain', manifest: { layers: 3 } })
    const decoder = makeHost().decoder(await openModelFolder(directory, 'decoder'))

    await expect(
      decoder.read({ messages: user('a'), sites: [{ site: residPre(1), position: 'last' }] }),
    ).rejects.toEqual(code('PARAPET_MODEL_GRAPH_UNSUPPORTED'))
    await expect(decoder.generate({ messages: user('a'), maxNewTokens: 2 }).finished).resolves.toMatchObject({
      newTokens: expect.any(Number),
    })
  })

  test('a chat template that loops is stopped, and its host lives on', async () => {
    const directory = join(root, 'looping')
    const looping = '{% for a in range(99999) %}{% for b in range(99999) %}{{ b }}{% endfor %}{% endfor %}'
    await writeTinyDecoder(directory, { files: { 'tokenizer_config.json': { chat_template: looping } } })
    const host = makeHost()
    const decoder = host.decoder(await openModelFolder(directory, 'decoder'))

    await expect(decoder.generate({ messages: user('a'), maxNewTokens: 1 }).finished).rejects.toEqual(
      code('PARAPET_MODEL_TEMPLATE_TIMEOUT'),
    )
    expect(host.status().replaced).toBe(0)
  })
})
