import { z } from 'zod'

/** One tensor: its numbers in row-major order. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** A safetensors file: tensors by name, and the texts of its metadata. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>
  readonly metadata: ReadonlyMap<string, string>
}

/** A file that breaks the format; `message` says where. */
export class SafetensorsError extends Error {}

const LENGTH_BYTES = 8
const MAX_HEADER_BYTES = 1024 * 1024
const FLOAT_BYTES = 4

const count = z.int().nonnegative()
const tensorEntry = z.strictObject({
  dtype: z.literal('F32', 'only F32 is read'),
  shape: z.array(count).max(8),
  data_offsets: z.tuple([count, count]),
})
/** Not a record: that would drop the name `__proto__`. */
const metadataEntry = z.custom<object>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string'),
  'expected texts',
)

/**
 * Parses a safetensors file with F32 tensors. The file may be hostile: every length and offset is checked before it
 * is used, tensors must cover the data exactly, without holes or overlap, and every number must be finite.
 * Format: https://github.com/huggingface/safetensors#format
 * @throws SafetensorsError
 */
export function parseSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, data } = split(bytes)
  const tensors = new Map<string, Tensor>()
  const metadata = new Map<string, string>()
  const places: { readonly start: number; readonly end: number }[] = []
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(checked(metadataEntry, value, name))) metadata.set(key, text)
      continue
    }
    const { shape, data_offsets: offsets } = checked(tensorEntry, value, name)
    const [start, end] = offsets
    const size = shape.reduce((product, dimension) => product * dimension, 1) * FLOAT_BYTES
    if (!Number.isSafeInteger(size) || start > end || end > data.byteLength || end - start !== size) {
      throw new SafetensorsError(`the place of the tensor "${name}" does not fit its shape or the file`)
    }
    places.push({ start, end })
    tensors.set(name, { shape, values: floatsOf(name, data.subarray(start, end)) })
  }
  checkCovered(places, data.byteLength)
  return { tensors, metadata }
}

function split(bytes: Uint8Array): { header: object; data: Uint8Array } {
  if (bytes.byteLength < LENGTH_BYTES) throw new SafetensorsError('the file is shorter than its first field')
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > MAX_HEADER_BYTES || Number(length) > bytes.byteLength - LENGTH_BYTES) {
    throw new SafetensorsError('the header is longer than the file or than 1 MiB')
  }
  const start = LENGTH_BYTES + Number(length)
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, start)))
  } catch {
    throw new SafetensorsError('the header is not JSON in UTF-8')
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new SafetensorsError('the header is not an object')
  }
  return { header, data: bytes.subarray(start) }
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, name: string): z.infer<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new SafetensorsError(
    `the entry "${name}" has another form: ${issue?.path.join('.')} ${issue?.message}`,
  )
}

/** Little-endian by the format, and at any offset: read one by one. */
function floatsOf(name: string, bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Float32Array(bytes.byteLength / FLOAT_BYTES)
  for (let i = 0; i < values.length; i++) {
    const value = view.getFloat32(i * FLOAT_BYTES, true)
    if (!Number.isFinite(value))
      throw new SafetensorsError(`the tensor "${name}" has a number that is not finite`)
    values[i] = value
  }
  return values
}

function checkCovered(places: readonly { start: number; end: number }[], length: number): void {
  let reached = 0
  for (const { start, end } of places.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== reached) throw new SafetensorsError('tensors overlap or leave a hole')
    reached = end
  }
  if (reached !== length) throw new SafetensorsError('the file has data that belongs to no tensor')
}
