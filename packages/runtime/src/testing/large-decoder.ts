import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeOnnx, initialiserOf, openOnnx } from '../graph/onnx-model.ts'
import { bytesField, integerField, joinBytes, textField } from '../graph/wire.ts'
import { FLOAT, seededFloats } from './onnx-builder.ts'
import { TINY_HIDDEN, tinyDecoder, writeTinyDecoder } from './tiny-decoder.ts'
import { TINY_VOCABULARY } from './tiny-tokenizer.ts'

const DATA_FILE = 'model.onnx.data'

/**
 * Writes the folder of a tiny chat model whose embedding is padded to `bytes` of external data, with its head behind
 * them. The file is sparse: it takes little of the disk.
 */
export async function writeLargeDecoder(directory: string, bytes: number): Promise<void> {
  const rows = Math.ceil(bytes / (4 * TINY_HIDDEN))
  const embedding = external('embedding', [rows, TINY_HIDDEN], 0)
  const head = external('head', [TINY_HIDDEN, TINY_VOCABULARY], embedding.length)
  const model = openOnnx(tinyDecoder(), 'tiny')
  const outside = new Map([embedding, head].map((weight) => [weight.name, weight]))
  const initialisers = model.graph.initialisers.map((weight) => {
    const moved = outside.get(weight.name)
    return moved ? initialiserOf(moved.name, moved.tensor) : weight
  })
  const graph = encodeOnnx({ ...model, graph: { ...model.graph, initialisers } })
  await writeTinyDecoder(directory, { files: { 'model.onnx': graph } })

  const path = join(directory, DATA_FILE)
  const file = await open(path, 'w')
  try {
    const values = seededFloats(11, TINY_VOCABULARY * TINY_HIDDEN, 1)
    await file.write(new Uint8Array(values.buffer), 0, values.byteLength, 0)
    const headValues = seededFloats(12, TINY_VOCABULARY * TINY_HIDDEN, 1)
    await file.write(new Uint8Array(headValues.buffer), 0, headValues.byteLength, embedding.length)
  } finally {
    await file.close()
  }
  await listFile(directory, DATA_FILE, embedding.length + head.length)
}

/** A TensorProto whose data lie in another file: dims 1, data_type 2, name 8, external_data 13, data_location 14. */
function external(name: string, shape: readonly number[], offset: number) {
  const length = shape.reduce((size, dimension) => size * dimension, 4)
  const entry = (key: string, value: string) =>
    bytesField(13, joinBytes([textField(1, key), textField(2, value)]))
  const tensor = joinBytes([
    ...shape.map((size) => integerField(1, size)),
    integerField(2, FLOAT),
    textField(8, name),
    entry('location', DATA_FILE),
    entry('offset', String(offset)),
    entry('length', String(length)),
    integerField(14, 1),
  ])
  return { name, tensor, length }
}

async function listFile(directory: string, name: string, bytes: number): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(join(directory, name), { highWaterMark: 1 << 20 }))
    hash.update(chunk as Uint8Array)
  const path = join(directory, 'manifest.json')
  const manifest = JSON.parse(await readFile(path, 'utf8'))
  manifest.files[name] = { sha256: hash.digest('hex'), bytes }
  await writeFile(path, JSON.stringify(manifest, null, 2))
}
