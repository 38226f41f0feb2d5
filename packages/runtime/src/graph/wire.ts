import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/**
 * One field of an encoded message: its number, its bytes with the tag, and its payload where it has a length.
 * All bytes are views on the message, so that weights are passed on without being decoded or copied.
 */
export interface WireField {
  readonly number: number
  readonly bytes: Uint8Array
  /** The payload of a length-delimited field; empty for numbers. */
  readonly payload: Uint8Array
}

const EMPTY = new Uint8Array(0)

/**
 * The fields of an encoded message, in order.
 * @throws RangeError or Error (from the reader) on bytes that are no message
 */
export function* wireFields(message: Uint8Array): Generator<WireField> {
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const start = reader.pos
    const [number, type] = reader.tag()
    let payload: Uint8Array = EMPTY
    if (type === WireType.LengthDelimited) payload = reader.bytes()
    else reader.skip(type, number)
    if (reader.pos > reader.len) throw new RangeError('a field ends behind its message')
    yield { number, bytes: message.subarray(start, reader.pos), payload }
  }
}

const decoder = new TextDecoder()

/** A payload as text. */
export function wireText(payload: Uint8Array): string {
  return decoder.decode(payload)
}

/** The payload of the first field with that number, or `undefined`. */
export function findField(message: Uint8Array, number: number): Uint8Array | undefined {
  for (const field of wireFields(message)) if (field.number === number) return field.payload
  return undefined
}

/** The tag and length that stand before a payload of `length` bytes. */
export function lengthPrefix(number: number, length: number): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish()
}

/** A length-delimited field with its tag. */
export function bytesField(number: number, payload: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(payload).finish()
}

/** A text field with its tag. */
export function textField(number: number, text: string): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).string(text).finish()
}

/** A field of a whole number (int32, int64 or enum) with its tag. */
export function integerField(number: number, value: number | bigint): Uint8Array {
  return new BinaryWriter().tag(number, WireType.Varint).int64(value).finish()
}

/** A 32-bit float field with its tag. */
export function floatField(number: number, value: number): Uint8Array {
  return new BinaryWriter().tag(number, WireType.Bit32).float(value).finish()
}

/** Bytes of all pieces together. */
export function lengthOf(pieces: Iterable<Uint8Array>): number {
  let length = 0
  for (const piece of pieces) length += piece.length
  return length
}

/** Joins pieces in one allocation of the right size: the only copy that an edited graph's weights ever see. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(lengthOf(pieces))
  let offset = 0
  for (const piece of pieces) {
    joined.set(piece, offset)
    offset += piece.length
  }
  return joined
}
