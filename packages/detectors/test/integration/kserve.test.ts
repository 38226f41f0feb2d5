import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { closeModels } from '../../src/index.ts'
import { exportKserve, kserveClassifier } from '../../src/remote/index.ts'
import { widestGap } from '../builders/same-scores.ts'
import { scriptedServer } from '../builders/scripted-server.ts'
import { subject } from '../builders/subject.ts'
import { tinyEncoderWeights } from '../builders/tiny-weights.ts'

const folder = await mkdtemp(join(tmpdir(), 'parapet-kserve-'))
afterAll(() => rm(folder, { recursive: true }))
afterAll(closeModels)
const { signal } = new AbortController()

describe('the shipped encoder on a server of its own process', () => {
  let served: ChildProcess
  let url = ''
  beforeAll(async () => {
    const repository = join(folder, 'served')
    await exportKserve({ repository, server: 'triton' })
    served = fork(new URL('../programs/kserve-server.ts', import.meta.url), [repository])
    const [port] = (await once(served, 'message')) as [number]
    url = `http://127.0.0.1:${port}`
  }, 60_000)
  afterAll(async () => {
    served.kill()
    await once(served, 'exit')
  })

  test('gives the scores that it gives here, with the same calibration', async () => {
    // The same graph, the same runtime, one window a pass: only the number of threads may differ.
    expect(await widestGap(url)).toBeLessThan(1e-6)
  }, 120_000)

  test('other weights are not found there: their name has another digest', async () => {
    const weights = await tinyEncoderWeights()

    await expect(
      kserveClassifier({ url, measures: 'toxicity', labels: ['toxic'], weights }).load(),
    ).rejects.toMatchObject({ code: 'PARAPET_REMOTE_UNAUTHORIZED' })
  })
})

describe('a server that describes', () => {
  const server = scriptedServer()
  const input = { name: 'input_ids', datatype: 'INT64', shape: [-1, -1] }
  const output = { name: 'toxicity', datatype: 'FP32', shape: [-1, 2] }
  const metadata = { name: 'tiny', versions: ['1'], platform: '', inputs: [input], outputs: [output] }
  const inference = { model_name: 'tiny', outputs: [{ ...output, shape: [1, 2], data: [1, 2] }] }

  async function loadedWith(described: object, inferred: object = inference) {
    server.answer = ({ method }, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(method === 'GET' ? described : inferred))
    }
    const weights = await tinyEncoderWeights()
    const { url } = server
    return await kserveClassifier({
      url,
      measures: 'toxicity',
      labels: ['toxic'],
      weights,
      model: 'tiny',
    }).load()
  }

  test('its model as the manifest does is fed what it wants, and no more', async () => {
    const loaded = await loadedWith(metadata)

    await loaded.measure(subject('good'), { signal })

    expect(JSON.parse(server.received.at(-1)?.body ?? '')).toEqual({
      inputs: [{ name: 'input_ids', datatype: 'INT64', shape: [1, 3], data: [2, 4, 3] }],
      outputs: [{ name: 'toxicity' }],
    })
  })

  test.each<[string, object]>([
    ['another model', { name: 'other' }],
    ['no input of tokens', { inputs: [{ ...input, name: 'attention_mask' }] }],
    ['an input more', { inputs: [input, { ...input, name: 'text' }] }],
    ['tokens of 32 bits', { inputs: [{ ...input, datatype: 'INT32' }] }],
    ['tokens of a fixed number', { inputs: [{ ...input, shape: [-1, 128] }] }],
    ['one row of tokens without a batch', { inputs: [{ ...input, shape: [-1] }] }],
    ['no output of that name', { outputs: [{ ...output, name: 'logits' }] }],
    ['an output of half precision', { outputs: [{ ...output, datatype: 'FP16' }] }],
    ['an output of other width', { outputs: [{ ...output, shape: [-1, 4] }] }],
  ])('%s is refused before anything is measured', async (_, changes) => {
    await expect(loadedWith({ ...metadata, ...changes })).rejects.toMatchObject({
      code: 'PARAPET_REMOTE_MODEL_MISMATCH',
    })
  })

  test.each<[string, object, string]>([
    ['another model', { ...inference, model_name: 'other' }, 'PARAPET_REMOTE_MODEL_MISMATCH'],
    ['no output', { ...inference, outputs: [] }, 'PARAPET_REMOTE_ANSWER_MALFORMED'],
    [
      'a number more than its shape',
      { ...inference, outputs: [{ ...output, shape: [1, 2], data: [1, 2, 3] }] },
      'PARAPET_REMOTE_ANSWER_MALFORMED',
    ],
    [
      'two rows',
      { ...inference, outputs: [{ ...output, shape: [2, 2], data: [1, 2, 3, 4] }] },
      'PARAPET_REMOTE_ANSWER_MALFORMED',
    ],
    [
      'null for NaN',
      { ...inference, outputs: [{ ...output, shape: [1, 2], data: [null, 1] }] },
      'PARAPET_REMOTE_ANSWER_MALFORMED',
    ],
    [
      'a number beyond 32 bits',
      { ...inference, outputs: [{ ...output, shape: [1, 2], data: [1e300, 1] }] },
      'PARAPET_DETECTOR_SCORE_INVALID',
    ],
  ])('its model well and answers with %s fails the measurement', async (_, inferred, code) => {
    const loaded = await loadedWith(metadata, inferred)

    await expect(loaded.measure(subject('good'), { signal })).rejects.toMatchObject({ code })
  })
})

describe('an export', () => {
  test('is what each server wants, under a name that holds the digest', async () => {
    const weights = await tinyEncoderWeights()
    const repository = join(folder, 'triton')

    const { name, folder: place } = await exportKserve({ weights, repository, server: 'triton' })

    expect(name).toMatch(/^tiny-encoder-[0-9a-f]{12}$/)
    expect(place).toBe(join(repository, name))
    expect(await readFile(join(place, 'config.pbtxt'), 'utf8')).toBe(`name: "${name}"
backend: "onnxruntime"
max_batch_size: 0
input [
  { name: "input_ids" data_type: TYPE_INT64 dims: [ -1, -1 ] },
  { name: "attention_mask" data_type: TYPE_INT64 dims: [ -1, -1 ] }
]
output [
  { name: "toxicity" data_type: TYPE_FP32 dims: [ -1, 2 ] },
  { name: "sentiment" data_type: TYPE_FP32 dims: [ -1, 3 ] }
]
`)
    expect(await readFile(join(place, '1/model.onnx'))).toEqual(await readFile(join(weights, 'model.onnx')))
  })

  test('leaves a model that is there as it is', async () => {
    const weights = await tinyEncoderWeights()
    const repository = join(folder, 'twice')
    await exportKserve({ weights, repository, server: 'openvino' })

    await expect(exportKserve({ weights, repository, server: 'openvino' })).rejects.toMatchObject({
      code: 'PARAPET_REMOTE_EXPORT_EXISTS',
    })
  })

  test('of a graph that was changed leaves nothing behind', async () => {
    const weights = await tinyEncoderWeights()
    await writeFile(join(weights, 'model.onnx'), 'changed')
    const repository = join(folder, 'changed')

    await expect(exportKserve({ weights, repository, server: 'triton' })).rejects.toMatchObject({
      code: 'PARAPET_MODEL_DIGEST_MISMATCH',
    })
    await expect(readFile(repository)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
