import { expect, test } from '@jest/globals'
import { encoderRead } from '../../test/builders/scripted-encoder.ts'
import { type Script, scriptedHost } from '../../test/builders/scripted-host.ts'
import { subject } from '../../test/builders/subject.ts'
import { encoderFolder } from '../../test/builders/weights-folder.ts'
import { sentiment, toxicity } from '../index.ts'

const weights = await encoderFolder()
const signal = new AbortController().signal
const outputs = { toxicity: [[0, 2]], sentiment: [[0, 0, 0]] }
const labels = ['toxic', 'insult'] as const

function load(script: Script = { encoder: () => encoderRead(outputs) }, options: object = {}) {
  const host = scriptedHost(script)
  const detector = toxicity({ weights, host, labels, ...options })
  return { host, loaded: detector.load() }
}

test('a text gets a score for each label and nothing else', async () => {
  const { loaded } = load()

  const measurement = await (await loaded).measure(subject('hello'), { signal })

  expect(measurement).toEqual({ kind: 'scored', scores: { toxic: 0.5, insult: 1 / (1 + Math.exp(-2)) } })
})

test('toxicity and sentiment on one host share one pass, whoever asks when', async () => {
  const host = scriptedHost({ encoder: () => encoderRead(outputs) })
  const detectors = await Promise.all([
    toxicity({ weights, host, labels }).load(),
    sentiment({ weights, host }).load(),
    toxicity({ weights, host, labels: ['insult'] }).load(),
  ])

  await Promise.all(detectors.map((detector) => detector.measure(subject('hello'), { signal })))
  await detectors[0]?.measure(subject('hello'), { signal })

  expect(host.encoderRequests).toHaveLength(1)
})

test('the limit of tokens is what the weights were calibrated for, or a lower one', async () => {
  const [plain, lower] = [load(), load(undefined, { maxTokens: 7 })]
  for (const { loaded } of [plain, lower]) await (await loaded).measure(subject('hello'), { signal })

  expect(plain.host.encoderRequests[0]?.maxTokens).toBe(64)
  expect(lower.host.encoderRequests[0]?.maxTokens).toBe(7)
})

test('a text over the limit of tokens is abstained from', async () => {
  const { loaded } = load({ encoder: () => ({ kind: 'too-long', tokens: 65 }) })

  const measurement = await (await loaded).measure(subject('hello'), { signal })

  expect(measurement).toEqual({ kind: 'abstained', reason: 'length' })
})

test('a text over the limit of characters does not even reach the host', async () => {
  const { host, loaded } = load()

  const measurement = await (await loaded).measure(subject('a'.repeat(10_000_000)), { signal })

  expect(measurement).toEqual({ kind: 'abstained', reason: 'length' })
  expect(host.encoderRequests).toHaveLength(0)
})

test('a language outside the coverage is abstained from, with the scores it would give', async () => {
  const { loaded } = load()

  const measurement = await (await loaded).measure(subject('bonjour', { language: 'fr' }), { signal })

  expect(measurement).toMatchObject({ kind: 'abstained', reason: 'language', scores: { toxic: 0.5 } })
})

test('a text mostly outside the vocabulary is abstained from, also where its language could not be told', async () => {
  const { loaded } = load({ encoder: () => ({ ...encoderRead(outputs), unknownTokens: 2 }) as never })

  const measurement = await (await loaded).measure(subject('ꦲꦏ', { language: undefined }), { signal })

  expect(measurement).toMatchObject({ kind: 'abstained', reason: 'language', scores: { toxic: 0.5 } })
})

test('a model that gives NaN is a fault', async () => {
  const { loaded } = load({ encoder: () => encoderRead({ ...outputs, toxicity: [[Number.NaN, 0]] }) })

  await expect((await loaded).measure(subject('hello'), { signal })).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_SCORE_INVALID',
  })
})

test('an abort is a coded fault', async () => {
  const { loaded } = load()
  const controller = new AbortController()
  const measurement = (await loaded).measure(subject('hello'), { signal: controller.signal })

  controller.abort(new Error('budget spent'))

  await expect(measurement).rejects.toMatchObject({ code: 'PARAPET_DETECTOR_ABORTED' })
})

test("a fault of the host's is handed on as it is", async () => {
  const { loaded } = load({
    encoder: () => {
      throw new Error('host crashed')
    },
  })

  await expect((await loaded).measure(subject('hello'), { signal })).rejects.toThrow('host crashed')
})

test('no fault repeats the text', async () => {
  const canary = 'canary-4711'
  const { loaded } = load({ encoder: () => encoderRead({ ...outputs, toxicity: [[Number.NaN, 0]] }) })

  const error: Error = await (await loaded).measure(subject(canary), { signal }).then(
    () => new Error('no fault'),
    (fault: Error) => fault,
  )

  expect(error.message).not.toBe('no fault')
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain(canary)
})

test('a host that was passed in is left open', async () => {
  const { host, loaded } = load()

  await (await loaded).close?.()

  expect(host.closes).toBe(0)
})

test('a model that does not load fails the loading', async () => {
  const { loaded } = load({
    warm: () => {
      throw new Error('refused')
    },
  })

  await expect(loaded).rejects.toThrow('refused')
})

test('labels that the weights lack fail the loading', async () => {
  await expect(toxicity({ weights, host: scriptedHost() }).load()).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_LABEL_MISSING',
  })
})

test('claiming more than the weights cover fails the loading', async () => {
  await expect(load(undefined, { maxTokens: 65 }).loaded).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_COVERAGE_EXCEEDED',
  })
})

test('the calibration of the labels is handed on', async () => {
  const { loaded } = load()

  expect((await loaded).calibration?.labels['toxic']).toEqual({
    n: 4000,
    tail: [0.9, 0.8, 0.7],
    shipped: 0.7,
  })
})

test('the digest tells weights, labels and options apart, and not where the weights lie', async () => {
  const elsewhere = await encoderFolder()
  const others = [
    load(),
    load(undefined, { weights: elsewhere }),
    load(undefined, { labels: ['toxic'] }),
    load(undefined, { maxTokens: 7 }),
    load(undefined, { weights: await encoderFolder({ 'tokenizer.json': '{"other": true}' }) }),
  ]

  const [first, same, ...different] = await Promise.all(
    others.map(async ({ loaded }) => (await loaded).digest),
  )

  expect(first).toMatch(/^sha256:[0-9a-f]{64}$/)
  expect(same).toBe(first)
  expect(new Set([first, ...different]).size).toBe(4)
})
