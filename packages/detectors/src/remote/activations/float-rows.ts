/** Numbers as they go over the wire: float32, little-endian, base64 with padding. */
export function encodeFloats(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}

/** The numbers of a text; undefined where it is no base64 of whole float32. */
export function decodeFloats(text: string): Float32Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  // Node's decoder leaves out what is no base64: then fewer bytes come than the text has room for.
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  if (text.length % 4 !== 0 || bytes.length !== (text.length / 4) * 3 - padding) return undefined
  if (bytes.length % 4 !== 0) return undefined
  return Float32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}
