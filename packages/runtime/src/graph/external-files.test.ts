import { expect, test } from '@jest/globals'
import { tinyDecoder } from '../testing/tiny-decoder.ts'
import { externalFiles } from './external-files.ts'
import { openOnnx } from './onnx-model.ts'
import { referenceWeights } from './reference-weights.ts'

test('names each file that weights lie in once, and none where they lie in the graph', () => {
  const bytes = tinyDecoder()
  const model = openOnnx(bytes, 'tiny')

  expect(externalFiles(model)).toEqual([])
  expect(externalFiles(referenceWeights(model, bytes, 'model.onnx.data'))).toEqual(['model.onnx.data'])
})
