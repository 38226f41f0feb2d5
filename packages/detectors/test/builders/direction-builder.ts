/** A safetensors file out of its header's entries and its data, valid or not. */
export function safetensors(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header), 'utf8')
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, data])
}

/** A valid safetensors file with these F32 tensors and metadata. */
export function safetensorsOf(
  tensors: Readonly<Record<string, { shape: readonly number[]; values: readonly number[] }>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries: [string, unknown][] = [['__metadata__', metadata]]
  const parts: Uint8Array[] = []
  let offset = 0
  for (const [name, { shape, values }] of Object.entries(tensors)) {
    const bytes = Buffer.from(Float32Array.from(values).buffer)
    entries.push([name, { dtype: 'F32', shape, data_offsets: [offset, offset + bytes.length] }])
    offset += bytes.length
    parts.push(bytes)
  }
  // Not by assignment: a tensor may be named `__proto__`.
  const header = Object.fromEntries(entries)
  return safetensors(header, Buffer.concat(parts))
}

export const DIGEST = 'a'.repeat(64)

/** Valid metadata of a direction for a model of 4 layers and width 3; each test breaks one field. */
export function directionMetadata(overrides: object = {}): object {
  const transform = { dropDimensions: [2], normalise: 'l2' }
  return {
    schema: 'parapet.direction/1',
    id: 'refusal-direction',
    version: '0.1.0',
    model: {
      id: 'tiny',
      sha256: DIGEST,
      tokenizerSha256: DIGEST,
      templateSha256: DIGEST,
      layers: 4,
      hidden: 3,
    },
    direction: { site: 'blocks.2.hook_resid_pre', position: 'last' },
    readings: {
      harmfulness: {
        sites: [{ site: 'blocks.1.hook_resid_pre', position: 'last-instruction' }],
        transform,
        scale: 2,
        bias: -1,
      },
      refusal: {
        sites: [
          { site: 'blocks.2.hook_resid_pre', position: 'last' },
          { site: 'blocks.3.hook_resid_pre', position: 'last' },
        ],
        transform,
        scale: 1,
        bias: 0.5,
      },
    },
    combine: { harmfulness: 0.75, refusal: 0.25, bias: 0.1 },
    coverage: { languages: ['en'], maxTokens: 64 },
    ...overrides,
  }
}

/** A valid direction file; `metadata` and `tensors` replace entries. */
export function directionFile(
  parts: {
    metadata?: object
    tensors?: Record<string, { shape: readonly number[]; values: readonly number[] }>
  } = {},
): Uint8Array {
  const tensors = {
    direction: { shape: [3], values: [1, 0, 0] },
    'harmfulness.weight': { shape: [1, 3], values: [1, 2, 3] },
    'refusal.weight': { shape: [2, 3], values: [1, 0, 0, 0, 1, 0] },
    ...parts.tensors,
  }
  return safetensorsOf(tensors, { parapet: JSON.stringify(parts.metadata ?? directionMetadata()) })
}
