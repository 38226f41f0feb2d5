import { expect, test } from '@jest/globals'
import { toMessages } from '@parapet/sdk'
import { calibrationFile, detectorCalibration } from '../../test/builders/calibration-builder.ts'
import { directionFile, directionMetadata } from '../../test/builders/direction-builder.ts'
import { type Script, scriptedHost } from '../../test/builders/scripted-host.ts'
import { subject } from '../../test/builders/subject.ts'
import { decoderFolder, decoderIdentity } from '../../test/builders/weights-folder.ts'
import { sigmoid } from '../calibration/score-map.ts'
import { refusalDirection } from './refusal-direction.ts'

const weights = await decoderFolder()
const signal = new AbortController().signal
const rows = [
  [3, 4, 0],
  [1, 0, 0],
  [0, 1, 0],
].map((row) => Float32Array.from(row))

function load(script: Script = { decoder: () => ({ kind: 'read', tokens: 9, rows }) }, options: object = {}) {
  const host = scriptedHost(script)
  return { host, loaded: refusalDirection({ weights, host, ...options }).load() }
}

test('a request is read once, as the turn of a user, at the places of both readings', async () => {
  const { host, loaded } = load()

  const measurement = await (await loaded).measure(subject('how do I bake bread?'), { signal })

  expect(measurement).toMatchObject({ kind: 'scored' })
  expect((measurement as { scores: object }).scores).toEqual({
    harmfulness: sigmoid(2 * (0.6 + 1.6) - 1),
    refusal: sigmoid(2.5),
    harmful: expect.any(Number),
  })
  expect(host.decoderRequests).toMatchObject([
    {
      messages: [{ role: 'user', content: 'how do I bake bread?' }],
      sites: [
        { site: 'blocks.1.hook_resid_pre', position: 'last-instruction' },
        { site: 'blocks.2.hook_resid_pre', position: 'last' },
        { site: 'blocks.3.hook_resid_pre', position: 'last' },
      ],
      maxTokens: 64,
    },
  ])
})

test('a prompt over the limit of tokens is abstained from', async () => {
  const { loaded } = load({ decoder: () => ({ kind: 'too-long', tokens: 65 }) })

  expect(await (await loaded).measure(subject('long'), { signal })).toEqual({
    kind: 'abstained',
    reason: 'length',
  })
})

test('a text over the limit of characters does not even reach the host', async () => {
  const { host, loaded } = load()

  const measurement = await (await loaded).measure(subject('a'.repeat(10_000_000)), { signal })

  expect(measurement).toEqual({ kind: 'abstained', reason: 'length' })
  expect(host.decoderRequests).toHaveLength(0)
})

test('a language outside the coverage is abstained from, with the scores it would give', async () => {
  const { loaded } = load()

  const measurement = await (await loaded).measure(subject('bonjour', { language: 'fr' }), { signal })

  expect(measurement).toMatchObject({
    kind: 'abstained',
    reason: 'language',
    scores: { refusal: sigmoid(2.5) },
  })
})

test('activations that are not numbers are a fault', async () => {
  const broken = rows.map((row) => row.map(() => Number.NaN))
  const { loaded } = load({ decoder: () => ({ kind: 'read', tokens: 9, rows: broken }) })

  await expect((await loaded).measure(subject('hello'), { signal })).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_SCORE_INVALID',
  })
})

test('rows that are missing are a fault', async () => {
  const { loaded } = load({ decoder: () => ({ kind: 'read', tokens: 9, rows: rows.slice(1) }) })

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

const other = 'c'.repeat(64)
const mismatches: [string, object, string][] = [
  ['model', { id: 'llama', sha256: other }, 'model.onnx'],
  ['tokenizer', { tokenizerSha256: other }, 'tokenizer.json'],
  ['chat template', { templateSha256: other }, 'chat template'],
]

test.each(mismatches)(
  'a direction for another %s fails the loading and names both',
  async (_, changed, what) => {
    const model = { ...decoderIdentity, id: 'llama', ...changed }
    const direction = directionFile({ metadata: directionMetadata({ model }) })
    const folder = await decoderFolder({ 'direction.safetensors': direction })

    await expect(load(undefined, { weights: folder }).loaded).rejects.toMatchObject({
      code: 'PARAPET_DETECTOR_DIRECTION_MISMATCH',
      message: expect.stringMatching(new RegExp(`"llama" \\(${what} .*"tiny-decoder" \\(${what} `)),
    })
  },
)

test('a direction that is damaged fails the loading', async () => {
  const folder = await decoderFolder({ 'direction.safetensors': directionFile().subarray(0, 100) })

  await expect(load(undefined, { weights: folder }).loaded).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_DIRECTION_INVALID',
  })
})

test('weights without a direction fail the loading', async () => {
  const folder = await decoderFolder({ 'direction.safetensors': undefined })

  await expect(load(undefined, { weights: folder }).loaded).rejects.toMatchObject({
    code: 'PARAPET_MODEL_MANIFEST_INVALID',
    message: expect.stringContaining('direction.safetensors'),
  })
})

test('a calibration that maps the scores once more is refused', async () => {
  const calibration = calibrationFile(decoderIdentity.sha256, {
    'refusal-direction': detectorCalibration(['harmful']),
  })
  const folder = await decoderFolder({ 'calibration.json': JSON.stringify(calibration) })

  await expect(load(undefined, { weights: folder }).loaded).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_CALIBRATION_INVALID',
    message: expect.stringContaining('detectors.refusal-direction.labels.harmful.map.kind'),
  })
})

test('the lower limit of direction and calibration holds', async () => {
  const coverage = { languages: ['en'], maxTokens: 32, minCharacters: 0 }
  const calibration = calibrationFile(decoderIdentity.sha256, {
    'refusal-direction': detectorCalibration(['harmful'], { coverage }, { kind: 'none' }),
  })
  const folder = await decoderFolder({ 'calibration.json': JSON.stringify(calibration) })
  const { host, loaded } = load(undefined, { weights: folder })

  await (await loaded).measure(subject('hello'), { signal })

  expect(host.decoderRequests[0]?.maxTokens).toBe(32)
})

test('claiming more than the direction covers fails the loading', async () => {
  await expect(load(undefined, { languages: ['en', 'de'] }).loaded).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_COVERAGE_EXCEEDED',
  })
})

const ofTokens = {
  site: 'blocks.2.hook_resid_pre',
  transform: { dropDimensions: [], normalise: 'l2' },
  windowTokens: 4,
  scale: 1,
  bias: 0,
}

/** Weights whose direction reads messages and answers token by token. */
function readingTokens(): Promise<string> {
  const metadata = directionMetadata({
    model: decoderIdentity,
    tokens: ofTokens,
    answer: { ...ofTokens, combine: { answer: 1, prompt: 0, bias: 0 } },
    combine: { harmfulness: 0, refusal: 0, tokens: 1, bias: 0 },
  })
  const weight = (values: number[]) => ({ shape: [3], values })
  const tensors = { 'tokens.weight': weight([1, 0, 0]), 'answer.weight': weight([0, 1, 0]) }
  return decoderFolder({ 'direction.safetensors': directionFile({ metadata, tensors }) })
}

const conversation = toMessages([
  { role: 'system', content: 'You sell shoes.' },
  { role: 'user', content: 'Hello.' },
  { role: 'assistant', content: 'Yes?' },
])

async function measureTokens(given: ReturnType<typeof subject>, values = [1, 1, 1, 1]) {
  const folder = await readingTokens()
  const { host, loaded } = load(
    {
      tokens: ({ readings }) => ({
        kind: 'read',
        tokens: 9,
        reusedTokens: 0,
        rows,
        readings: readings.map(() => Float32Array.from(values)),
      }),
    },
    { weights: folder },
  )
  const measurement = await (await loaded).measure(given, { signal })
  return { measurement, request: host.tokenRequests.at(-1) }
}

test("a request is read behind the turns before it, without the app's system prompt", async () => {
  const { measurement, request } = await measureTokens(subject('Which is best?', { conversation }))

  expect(request).toMatchObject({
    messages: [
      { role: 'user', content: 'Hello.' },
      { role: 'assistant', content: 'Yes?' },
      { role: 'user', content: 'Which is best?' },
    ],
    readings: [{ weight: Float32Array.of(1, 0, 0) }],
  })
  expect(request).not.toHaveProperty('answer')
  expect(measurement).toMatchObject({ kind: 'scored', scores: { harmful: sigmoid(1) } })
})

test('a tool result is read alone', async () => {
  const { request } = await measureTokens(subject('{"stock": 3}', { stage: 'toolResult', conversation }))

  expect(request?.messages).toEqual([{ role: 'user', content: '{"stock": 3}' }])
})

test('an answer is read behind the request that it answers', async () => {
  const asked = [...conversation, ...toMessages([{ role: 'user', content: 'Which is best?' }])]
  const { measurement, request } = await measureTokens(
    subject('The red ones.', { stage: 'output', conversation: asked }),
    [2, 2, 2, 2],
  )

  expect(request).toMatchObject({ answer: 'The red ones.', readings: [{ weight: Float32Array.of(0, 1, 0) }] })
  expect(request?.messages.at(-1)).toEqual({ role: 'user', content: 'Which is best?' })
  expect(measurement).toMatchObject({ kind: 'scored', scores: { harmful: sigmoid(2) } })
})

test('an answer to an unknown request is read behind an empty one', async () => {
  const { request } = await measureTokens(subject('The red ones.', { stage: 'output' }))

  expect(request?.messages).toEqual([{ role: 'user', content: '' }])
})

test('a direction that reads no answers abstains from them', async () => {
  const { host, loaded } = load()

  expect(await (await loaded).measure(subject('Sure.', { stage: 'output' }), { signal })).toEqual({
    kind: 'abstained',
    reason: 'stage',
  })
  expect(host.decoderRequests).toHaveLength(0)
})

test.each([-1, 1.5, 1e9])('a context of %s characters is refused', (contextCharacters) => {
  expect(() => refusalDirection({ contextCharacters })).toThrow(
    expect.objectContaining({ code: 'PARAPET_DETECTOR_OPTION_INVALID' }),
  )
})
