import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { findField, wireFields } from './wire.ts'

/** The element type and shape of an input or output. */
export interface TensorType {
  /** A number of TensorProto.DataType: 1 is float32, 7 int64, 10 float16. */
  readonly elementType: number
  /** −1 where the graph leaves a dimension open. */
  readonly shape: readonly number[]
}

// ValueInfoProto: type 2. TypeProto: tensor_type 1. Tensor: elem_type 1, shape 2. TensorShapeProto: dim 1. Dimension: dim_value 1.
const VALUE_TYPE = 2
const TENSOR_TYPE = 1
const SHAPE = 2
const DIMENSION = 1

/** Reads the type of an encoded ValueInfoProto; `undefined` where it is no tensor or says nothing. */
export function tensorTypeOf(valueInfo: Uint8Array): TensorType | undefined {
  const described = findField(valueInfo, VALUE_TYPE)
  const tensor = described && findField(described, TENSOR_TYPE)
  const elementType = tensor && firstNumber(tensor)
  if (!elementType) return undefined
  const shape = findField(tensor, SHAPE) ?? new Uint8Array(0)
  const dimensions = [...wireFields(shape)].filter(({ number }) => number === DIMENSION)
  return { elementType, shape: dimensions.map(({ payload }) => firstNumber(payload) ?? -1) }
}

/** The number in field 1; undefined where there is none, or a text is there. */
function firstNumber(message: Uint8Array): number | undefined {
  const reader = new BinaryReader(message)
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag()
    if (number === 1 && type === WireType.Varint) return Number(reader.int64())
    reader.skip(type, number)
  }
  return undefined
}
