import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { FLOAT, graph, model, node, value } from '../testing/onnx-builder.ts'
import { tinyDecoder } from '../testing/tiny-decoder.ts'
import { externalFiles } from './external-data.ts'
import { openOnnx } from './onnx-model.ts'
import { scanOnnxFile } from './scan-onnx-file.ts'
import { bytesField, integerField, joinBytes, lengthPrefix, textField } from './wire.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parapet-scan-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A TensorProto whose data lie elsewhere. */
function outside(location: string | undefined): Uint8Array {
  const entry = (key: string, text: string) =>
    bytesField(13, joinBytes([textField(1, key), textField(2, text)]))
  return joinBytes([
    integerField(1, 4),
    integerField(2, FLOAT),
    textField(8, 'weight'),
    ...(location === undefined ? [] : [entry('location', location)]),
    entry('offset', '0'),
    integerField(14, 1),
  ])
}
const parts = (initialisers: Uint8Array[], nodes: Uint8Array[] = []) => ({
  nodes: [node('Add', ['x', 'weight'], ['y']), ...nodes],
  initialisers,
  inputs: [value('x', FLOAT, [4])],
  outputs: [value('y', FLOAT, [4])],
})
const withWeight = (location: string | undefined) => model(parts([outside(location)]))

async function scan(bytes: Uint8Array) {
  const path = join(folder, 'model.onnx')
  await writeFile(path, bytes)
  return scanOnnxFile(path, 'm', 'model.onnx')
}
const open = (bytes: Uint8Array) => externalFiles(openOnnx(bytes, 'm'), 'm', 'model.onnx')
const refused = expect.objectContaining({ code: 'PARAPET_MODEL_FILE_OUTSIDE' })

test('a file beside the graph is named, by the loader and by the scan', async () => {
  expect(open(withWeight('model.onnx_data'))).toEqual(new Set(['model.onnx_data']))
  expect((await scan(withWeight('model.onnx_data'))).external).toEqual(new Set(['model.onnx_data']))
  expect(open(tinyDecoder())).toEqual(new Set())
})

describe('weights in another place are refused', () => {
  test.each([
    ['a path upwards', '../weights'],
    ['a path that goes down and up', 'data/../../weights'],
    ['an absolute path', '/etc/passwd'],
    ['a path of Windows', 'C:\\weights'],
    ['a path upwards of Windows', '..\\weights'],
    ['a folder', 'data/weights'],
    ['an address in memory, as onnxruntime marks one', '*/_ORT_MEM_ADDR_/*'],
    ['a name that is hidden', '.weights'],
    ['a name with a NUL', 'weights\0.bin'],
    ['no name', ''],
    ['nothing', undefined],
  ])('%s', async (_, location) => {
    expect(() => open(withWeight(location))).toThrow(refused)
    await expect(scan(withWeight(location))).rejects.toEqual(refused)
  })

  // AttributeProto: name 1, t 5, g 6, type 20 (4 TENSOR, 5 GRAPH).
  const constant = (tensor: Uint8Array) =>
    joinBytes([
      textField(2, 'c'),
      textField(4, 'Constant'),
      bytesField(5, joinBytes([textField(1, 'value'), bytesField(5, tensor), integerField(20, 4)])),
    ])

  test('in a constant, in a subgraph, in a sparse weight, in a function', () => {
    const inner = graph(parts([], [constant(outside('model.onnx_data'))]))
    const branch = node('If', ['x'], ['z'], { attributes: { then_branch: { graph: inner } } })
    const sparse = bytesField(15, bytesField(1, outside('model.onnx_data')))
    const body = joinBytes([graph(parts([])), sparse])
    const functionOf = bytesField(25, bytesField(7, constant(outside('model.onnx_data'))))

    expect(() => open(model(parts([], [constant(outside('model.onnx_data'))])))).toThrow(refused)
    expect(() => open(model(parts([], [branch])))).toThrow(refused)
    expect(() => open(bytesField(7, body))).toThrow(refused)
    expect(() => open(joinBytes([model(parts([])), functionOf]))).toThrow(refused)
  })
})

describe('scanOnnxFile', () => {
  test('tells inputs and outputs with their types and shapes', async () => {
    const { inputs, outputs } = await scan(tinyDecoder())

    expect(inputs.get('input_ids')).toEqual({ elementType: 7, shape: [1, -1] })
    expect(inputs.get('past_key_values.3.value')).toEqual({ elementType: 1, shape: [1, 1, -1, 16] })
    expect(outputs.get('logits')).toEqual({ elementType: 1, shape: [1, -1, 259] })
    expect(inputs.size).toBe(2 + 2 * 4)
  })

  const corrupt = expect.objectContaining({ code: 'PARAPET_MODEL_CORRUPT' })
  test.each([
    ['nothing', new Uint8Array(0)],
    ['text', new TextEncoder().encode('<html>not found</html>')],
    ['a pointer of git’s storage', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n')],
    [
      'a length of exabytes',
      joinBytes([integerField(1, 8), Uint8Array.of(0x3a, 255, 255, 255, 255, 255, 255, 255, 127)]),
    ],
    ['a number without end', new Uint8Array(100).fill(255)],
    ['a name of a megabyte', model({ ...parts([]), inputs: [value('x'.repeat(1_000_000), FLOAT, [1])] })],
    [
      'parts without number',
      bytesField(
        7,
        new Uint8Array(1_200_000).map((_, index) => (index % 2 === 0 ? 8 : 0)),
      ),
    ],
    ['the beginning of a model', tinyDecoder().subarray(0, 5_000)],
  ])('a file that holds %s is PARAPET_MODEL_CORRUPT', async (_, bytes) => {
    await expect(scan(bytes)).rejects.toEqual(corrupt)
  })

  test('whatever the bytes are, it ends with an answer or with a code', async () => {
    const real = tinyDecoder()
    const damaged = fc
      .tuple(fc.nat(real.length - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }))
      .map(([at, bytes]) => {
        const copy = real.slice()
        copy.set(bytes.subarray(0, real.length - at), at)
        return copy
      })
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
        const outcome = await scan(bytes).then(
          () => 'read',
          (error: { code?: string }) => error.code,
        )
        expect(outcome).toMatch(/^(read|PARAPET_MODEL_(CORRUPT|FILE_OUTSIDE))$/)
      }),
      { numRuns: 60 },
    )
  })

  test('weights are stepped over: a file of gigabytes is read in a few pieces', async () => {
    const path = join(folder, 'large.onnx')
    const weight = joinBytes([integerField(2, FLOAT), textField(8, 'weight')])
    const rawBytes = 1_500_000_000
    const rest = graph(parts([]))
    const tensor = joinBytes([weight, lengthPrefix(9, rawBytes)])
    const field = joinBytes([lengthPrefix(5, tensor.length + rawBytes), tensor])
    // A hole in the file stands for the weight: no disk is used.
    const { open: openFile } = await import('node:fs/promises')
    const handle = await openFile(path, 'w')
    const start = lengthPrefix(7, rest.length + field.length + rawBytes)
    await handle.write(joinBytes([start, rest, field]))
    await handle.truncate(start.length + rest.length + field.length + rawBytes)
    await handle.close()

    const before = process.memoryUsage().arrayBuffers
    const { outputs, inputs } = await scanOnnxFile(path, 'm', 'large.onnx')

    expect([...outputs.keys()]).toEqual(['y'])
    expect([...inputs.keys()]).toEqual(['x'])
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
    await rm(path)
  })
})
