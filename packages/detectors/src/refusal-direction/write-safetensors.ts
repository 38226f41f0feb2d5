import type { Tensor } from './safetensors.ts'

const LENGTH_BYTES = 8
/** The format asks that the data begin at a multiple of this; the header is filled up with spaces. */
const ALIGNMENT = 8

/**
 * Writes a safetensors file with F32 tensors, in the order given: the same tensors and texts give the same bytes.
 * Format: https://github.com/huggingface/safetensors#format
 * @param metadata texts by name
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  const entries: [string, unknown][] = [['__metadata__', Object.fromEntries(metadata)]]
  let end = 0
  for (const [name, { shape, values }] of tensors) {
    entries.push([name, { dtype: 'F32', shape, data_offsets: [end, end + values.length * 4] }])
    end += values.length * 4
  }
  // Not by assignment: a tensor may be named `__proto__`.
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)))
  const headerBytes = Math.ceil(header.length / ALIGNMENT) * ALIGNMENT
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + end)
  const view = new DataView(file.buffer)
  view.setBigUint64(0, BigInt(headerBytes), true)
  file.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes).set(header, LENGTH_BYTES)
  let offset = LENGTH_BYTES + headerBytes
  for (const { values } of tensors.values()) {
    for (const value of values) {
      view.setFloat32(offset, value, true)
      offset += 4
    }
  }
  return file
}
