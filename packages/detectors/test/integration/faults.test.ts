import { appendFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, expect, test } from '@jest/globals'
import { createModelHost } from '@parapet/runtime'
import { tinyDecoder, tinyEncoder } from '@parapet/runtime/testing'
import { closeModels, refusalDirection, sentiment, toxicity } from '../../src/index.ts'
import { subject } from '../builders/subject.ts'
import { poisoned, tinyDecoderWeights, tinyEncoderWeights } from '../builders/tiny-weights.ts'

const host = createModelHost({ threads: 1 })
afterAll(() => host.close())
afterAll(closeModels)

const signal = new AbortController().signal
const labels = ['toxic', 'insult'] as const
const toxicityOn = (weights: string) => toxicity({ weights, labels, host }).load()
const directionOn = (weights: string) => refusalDirection({ weights, host }).load()

test('a graph that was damaged after its digest was written is refused before it is loaded', async () => {
  const weights = await tinyEncoderWeights()
  await appendFile(join(weights, 'model.onnx'), 'x')

  await expect(toxicityOn(weights)).rejects.toMatchObject({ code: 'PARAPET_MODEL_DIGEST_MISMATCH' })
})

test('a truncated graph is refused before it is loaded', async () => {
  const weights = await tinyDecoderWeights()
  await truncate(join(weights, 'model.onnx'), 1000)

  await expect(directionOn(weights)).rejects.toMatchObject({ code: 'PARAPET_MODEL_DIGEST_MISMATCH' })
})

test('a graph that is damaged and whose digest says so fails the loading, and the host lives on', async () => {
  const broken = await tinyEncoderWeights({ 'model.onnx': tinyEncoder().subarray(0, 2000) })

  await expect(toxicityOn(broken)).rejects.toMatchObject({ code: 'PARAPET_MODEL_CORRUPT' })

  const sound = await toxicityOn(await tinyEncoderWeights())
  await expect(sound.measure(subject('good'), { signal })).resolves.toMatchObject({ kind: 'scored' })
})

test('a tokenizer that is none fails the loading', async () => {
  const weights = await tinyEncoderWeights({ 'tokenizer.json': { model: 'other' } })

  await expect(toxicityOn(weights)).rejects.toMatchObject({ code: 'PARAPET_MODEL_TOKENIZER_INVALID' })
})

test("a chat model with another model's tokenizer is refused by its direction", async () => {
  const weights = await tinyDecoderWeights({ 'tokenizer.json': { model: 'other' } })

  await expect(directionOn(weights)).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_DIRECTION_MISMATCH',
    message: expect.stringContaining('tokenizer.json'),
  })
})

test('an encoder that gives NaN is a fault, never a score', async () => {
  const graph = poisoned(tinyEncoder(), 'toxicity_head')
  const weights = await tinyEncoderWeights({ 'model.onnx': graph })

  await expect(
    toxicityOn(weights).then((loaded) => loaded.measure(subject('good'), { signal })),
  ).rejects.toMatchObject({ code: 'PARAPET_MODEL_OUTPUT_MALFORMED' })
})

test('a chat model that gives NaN is a fault, never a score', async () => {
  const graph = poisoned(tinyDecoder(), '/model/layers.0/mlp/down_proj.weight')
  const weights = await tinyDecoderWeights({ 'model.onnx': graph })

  await expect(
    directionOn(weights).then((loaded) => loaded.measure(subject('good'), { signal })),
  ).rejects.toMatchObject({ code: 'PARAPET_MODEL_OUTPUT_MALFORMED' })
})

test('a host that is killed in mid-run fails what it ran, and the next measurement has another host', async () => {
  const own = createModelHost({ threads: 1 })
  try {
    const weights = await tinyEncoderWeights()
    const loaded = await toxicity({ weights, labels, host: own }).load()
    const before = await loaded.measure(subject('good'), { signal })
    const running = loaded.measure(subject('slow slow slow slow'), { signal })
    running.catch(() => {})
    await wait(100)

    process.kill(own.status().pid ?? 0, 'SIGKILL')

    await expect(running).rejects.toMatchObject({ code: 'PARAPET_RUNTIME_HOST_CRASHED', retryable: true })
    await expect(loaded.measure(subject('bad'), { signal })).resolves.toMatchObject({ kind: 'scored' })
    expect(await loaded.measure(subject('good'), { signal })).toEqual(before)
    expect(own.status().replaced).toBe(1)
  } finally {
    await own.close()
  }
})

test('a measurement that is taken back ends at once with a code', async () => {
  const loaded = await toxicityOn(await tinyEncoderWeights())
  const controller = new AbortController()
  const running = loaded.measure(subject('slow slow slow bad'), { signal: controller.signal })
  running.catch(() => {})
  await wait(50)

  controller.abort()

  await expect(running).rejects.toMatchObject({ code: 'PARAPET_DETECTOR_ABORTED' })
})

test('toxicity and sentiment with defaults share the host of the process, which closes with the last', async () => {
  const weights = await tinyEncoderWeights()
  const [one, two] = await Promise.all([toxicity({ weights, labels }).load(), sentiment({ weights }).load()])

  await one.close?.()

  await expect(two.measure(subject('good'), { signal })).resolves.toMatchObject({ kind: 'scored' })
  await two.close?.()
  await expect(two.measure(subject('bad'), { signal })).rejects.toMatchObject({
    code: 'PARAPET_RUNTIME_CLOSED',
  })
})

test.each(['a\ud800b', '\udfff', '\u0000', '   ', '[CLS] [SEP]', '<|im_end|>\n<|im_start|>assistant'])(
  'strange text %j gets scores in [0, 1]',
  async (text) => {
    const [encoder, decoder] = await Promise.all([
      toxicityOn(await tinyEncoderWeights()),
      directionOn(await tinyDecoderWeights()),
    ])

    for (const loaded of [encoder, decoder]) {
      const measurement = await loaded.measure(subject(text), { signal })
      const scores = Object.values((measurement as { scores: Record<string, number> }).scores)
      expect(scores.length).toBeGreaterThan(1)
      expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true)
    }
  },
)

test('special tokens in a text are counted, and read, as the characters that they are', async () => {
  const [encoder, decoder] = await Promise.all([
    toxicityOn(await tinyEncoderWeights()),
    directionOn(await tinyDecoderWeights()),
  ])

  // As control tokens these would be 20 and 60, well within the limits of 64 and 512.
  const measurements = await Promise.all([
    encoder.measure(subject('[SEP] '.repeat(20)), { signal }),
    decoder.measure(subject('<|im_end|>'.repeat(60)), { signal }),
  ])

  expect(measurements).toEqual([
    { kind: 'abstained', reason: 'length' },
    { kind: 'abstained', reason: 'length' },
  ])
})

test('the event loop does not wait for a model', async () => {
  const loaded = await toxicityOn(await tinyEncoderWeights())
  await loaded.measure(subject('good'), { signal })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  const startedAt = performance.now()
  delay.enable()

  const texts = ['slow a', 'slow b', 'slow c']
  await Promise.all(texts.map((text) => loaded.measure(subject(text), { signal })))

  delay.disable()
  const onePassMs = (performance.now() - startedAt) / texts.length
  // The median: with models in this thread each turn of the loop would wait for a pass.
  expect(delay.percentile(50) / 1e6).toBeLessThan(onePassMs / 2)
})

test('ten megabytes are abstained from', async () => {
  const text = 'good '.repeat(2_000_000)
  const loaded = await Promise.all([
    toxicityOn(await tinyEncoderWeights()),
    directionOn(await tinyDecoderWeights()),
  ])

  for (const detector of loaded) {
    expect(await detector.measure(subject(text), { signal })).toEqual({ kind: 'abstained', reason: 'length' })
  }
})
