import { type FileHandle, open } from 'node:fs/promises'
import { fault } from '../errors/codes.ts'
import { checkLocation, externalLocation } from './external-data.ts'
import { type TensorType, tensorTypeOf } from './tensor-type.ts'
import { findField, joinBytes, wireText } from './wire.ts'

/** What an ONNX file takes and gives, and which files beside it hold weights. */
export interface OnnxFileScan {
  readonly inputs: ReadonlyMap<string, TensorType | undefined>
  readonly outputs: ReadonlyMap<string, TensorType | undefined>
  readonly external: ReadonlySet<string>
}

// ModelProto: graph 7. GraphProto: initializer 5, input 11, output 12. ValueInfoProto: name 1. TensorProto: name 8.
const MODEL_GRAPH = 7
const INITIALISER = 5
const INPUT = 11
const OUTPUT = 12
const VALUE_NAME = 1
const TENSOR_NAME = 8
/** Fields of a TensorProto other than its data: dims, element type, name, external_data, data_location. */
const TENSOR_DESCRIPTION = [1, 2, TENSOR_NAME, 13, 14]

const BUFFER_BYTES = 65_536
/** The longest part that is read whole; names, shapes and locations are far shorter. */
const LONGEST_PART_BYTES = 65_536
/** A graph of the largest models has some ten thousand nodes and weights. */
const MOST_PARTS = 500_000
const MOST_NAMES = 10_000

/**
 * Reads the outside of an ONNX file without taking it into memory: nodes and weights are stepped over. So a file from a
 * stranger can be looked at in the app's own process, whatever its size: a part that is too long, or too many of them,
 * is an error.
 * @throws `PARAPET_MODEL_CORRUPT`, `PARAPET_MODEL_FILE_OUTSIDE`
 */
export async function scanOnnxFile(path: string, model: string, file: string): Promise<OnnxFileScan> {
  const handle = await open(path)
  const inputs = new Map<string, TensorType | undefined>()
  const outputs = new Map<string, TensorType | undefined>()
  const weights = new Set<string>()
  const external = new Set<string>()
  try {
    const reader = partsOf(handle, (await handle.stat()).size)
    for await (const part of reader.parts(reader.size)) {
      if (part.number !== MODEL_GRAPH || !part.delimited) continue
      for await (const { number, delimited, end } of reader.parts(part.end)) {
        if (!delimited) continue
        if (number === INITIALISER) {
          const tensor = await describeTensor(reader, end)
          weights.add(wireText(findField(tensor, TENSOR_NAME) ?? new Uint8Array(0)))
          const location = externalLocation(tensor)
          if (location !== undefined) external.add(checkLocation(location, model, file))
        } else if (number === INPUT || number === OUTPUT) {
          const value = await reader.take(end)
          const values = number === INPUT ? inputs : outputs
          values.set(wireText(findField(value, VALUE_NAME) ?? new Uint8Array(0)), tensorTypeOf(value))
          if (values.size > MOST_NAMES) throw new RangeError('the graph has too many inputs or outputs')
        }
      }
    }
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'PARAPET_MODEL_FILE_OUTSIDE') throw cause
    const problem = 'it is not the protobuf of an ONNX model'
    throw fault('PARAPET_MODEL_CORRUPT', { model, file, problem }, { cause })
  } finally {
    await handle.close()
  }
  // Old exports list their weights among the inputs.
  for (const name of weights) inputs.delete(name)
  if (outputs.size === 0) throw fault('PARAPET_MODEL_CORRUPT', { model, file, problem: 'it holds no graph' })
  return { inputs, outputs, external }
}

type Reader = ReturnType<typeof partsOf>

/** A TensorProto without its data. */
async function describeTensor(reader: Reader, end: number): Promise<Uint8Array> {
  const kept: Uint8Array[] = []
  for await (const part of reader.parts(end)) {
    if (!TENSOR_DESCRIPTION.includes(part.number)) continue
    kept.push(await reader.take(part.end, part.start))
    if (kept.length > LONGEST_PART_BYTES / 16) throw new RangeError('a weight has too long a description')
  }
  return joinBytes(kept)
}

interface Part {
  readonly number: number
  /** Whether it has a length, and so may hold parts. */
  readonly delimited: boolean
  /** Offset of its tag in the file. */
  readonly start: number
  /** Offset behind its last byte. */
  readonly end: number
}

/** Reads an encoded message from a file, part by part, through one small buffer. */
function partsOf(handle: FileHandle, size: number) {
  const buffer = new Uint8Array(BUFFER_BYTES)
  let base = 0
  let filled = 0
  let position = 0
  let count = 0

  /** Makes sure that the buffer holds the bytes at `position`. */
  const fill = async (length: number) => {
    if (position >= base && position + length <= base + filled) return
    base = position
    filled = 0
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, BUFFER_BYTES - filled, base + filled)
      if (bytesRead === 0) throw new RangeError('the file ends too early')
      filled += bytesRead
    }
  }
  const varint = async (): Promise<number> => {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      await fill(1)
      const byte = buffer[position - base] ?? 0
      position += 1
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw new RangeError('a number is too long')
  }

  return {
    size,
    /** The parts from here to `end`. Whoever takes them may read inside one: the next starts at its end all the same. */
    async *parts(end: number): AsyncGenerator<Part> {
      while (position < end) {
        count += 1
        if (count > MOST_PARTS) throw new RangeError(`the file has more than ${MOST_PARTS} parts`)
        const start = position
        const tag = await varint()
        const wireType = tag % 8
        if (wireType === 0) await varint()
        const length = wireType === 2 ? await varint() : ({ 0: 0, 1: 8, 5: 4 } as const)[wireType]
        if (length === undefined) throw new RangeError('a field has a type that is not known')
        const next = position + length
        if (!(next <= end)) throw new RangeError('a field ends behind its message')
        yield { number: Math.floor(tag / 8), delimited: wireType === 2, start, end: next }
        position = next
      }
    },
    /** The bytes from here, or from `start` on, to `end`. */
    async take(end: number, start = position): Promise<Uint8Array> {
      const length = end - start
      if (length > LONGEST_PART_BYTES) throw new RangeError('a name, a shape or a place is too long')
      position = start
      await fill(length)
      const taken = buffer.slice(start - base, start - base + length)
      position = end
      return taken
    },
  }
}
