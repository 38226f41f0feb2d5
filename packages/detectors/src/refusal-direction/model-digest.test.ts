import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { resolveModel } from '@parapet/runtime'
import { directionFile, directionMetadata } from '../../test/builders/direction-builder.ts'
import { decoderFolder, decoderIdentity } from '../../test/builders/weights-folder.ts'
import { modelDigest } from './model-digest.ts'
import { refusalVector } from './refusal-vector.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const listed = (contents: Readonly<Record<string, string>>) => ({
  files: Object.fromEntries(
    Object.entries(contents).map(([name, text]) => [name, { sha256: sha256(text), bytes: text.length }]),
  ),
})

test('of one file it is the digest of that file, whatever texts lie beside it', () => {
  const graph = { 'model.onnx': 'graph' }
  const texts = ['config.json', 'tokenizer.json', 'chat_template.jinja', 'README.md', 'LICENSE', 'merges.txt']
  const other = ['direction.safetensors', 'calibration.json', 'tokenizer.model', 'model_q4.onnx']

  expect(modelDigest(listed(graph))).toBe(sha256('graph'))
  const beside = Object.fromEntries([...texts, ...other].map((name) => [name, name]))
  expect(modelDigest(listed({ ...graph, ...beside }))).toBe(sha256('graph'))
})

test.each(['model.onnx.data', 'model.onnx_data', 'weights.bin', 'model.safetensors', 'embedding'])(
  'of weights in %s it is that of both, as sha256sum prints them by name',
  (name) => {
    const lines = ['model.onnx', name].toSorted()
    const contents = { [name]: 'weights', 'model.onnx': 'graph' }
    const printed = lines.map((file) => `${sha256(contents[file] ?? '')}  ${file}\n`).join('')

    expect(modelDigest(listed(contents))).toBe(sha256(printed))
    expect(modelDigest(listed({ ...contents, [name]: 'tuned' }))).not.toBe(sha256(printed))
  },
)

test('a manifest without a graph has none', () => {
  expect(modelDigest(listed({ 'tokenizer.json': '{}' }))).toBe('not listed')
})

test('the direction of a model is refused by another tuning with the same graph', async () => {
  const data = { 'model.onnx.data': 'weights' }
  const { manifest } = await resolveModel(await decoderFolder(data), {}, 'decoder')
  const model = { ...decoderIdentity, sha256: modelDigest(manifest) }
  const direction = { 'direction.safetensors': directionFile({ metadata: directionMetadata({ model }) }) }

  await expect(refusalVector(await decoderFolder({ ...data, ...direction }))).resolves.toMatchObject({
    block: 2,
  })
  await expect(
    refusalVector(await decoderFolder({ 'model.onnx.data': 'tuned', ...direction })),
  ).rejects.toMatchObject({
    code: 'PARAPET_DETECTOR_DIRECTION_MISMATCH',
    message: expect.stringContaining(model.sha256),
  })
})
