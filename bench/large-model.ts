import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeLargeDecoder } from '@parapet/runtime/testing'

/** More than a buffer of Node or a protobuf message can hold. */
const BYTES = 2.5e9

/** Writes a model of over 2 GB into a sparse file, and times the reading of its digest alone. */
export async function writeLargeModel() {
  const directory = await mkdtemp(join(tmpdir(), 'parapet-large-'))
  const remove = () => rm(directory, { recursive: true })
  try {
    await writeLargeDecoder(directory, BYTES)
    const started = performance.now()
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(join(directory, 'model.onnx.data'), {
      highWaterMark: 1 << 20,
    }))
      hash.update(chunk as Uint8Array)
    return { directory, digestMs: performance.now() - started, remove }
  } catch (error) {
    await remove()
    throw error
  }
}
