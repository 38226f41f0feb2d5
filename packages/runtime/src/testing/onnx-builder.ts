import { bytesField, floatField, integerField, joinBytes, textField } from '../graph/wire.ts'

/** An attribute's value: a whole number, a float, a list of whole numbers, or a subgraph. */
export type AttributeValue = number | { float: number } | readonly number[] | { graph: Uint8Array }

/** ONNX element types. */
export const FLOAT = 1
export const INT64 = 7
export const BOOL = 9

/** A dimension: a size, or a name for one that is open. */
export type Dimension = number | string

/** Encodes a NodeProto's payload. */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  options: { name?: string; domain?: string; attributes?: Readonly<Record<string, AttributeValue>> } = {},
): Uint8Array {
  const { name = `/${operator}/${outputs[0]}`, domain = '', attributes = {} } = options
  return joinBytes([
    ...inputs.map((input) => textField(1, input)),
    ...outputs.map((output) => textField(2, output)),
    textField(3, name),
    textField(4, operator),
    ...Object.entries(attributes).map(([key, value]) => bytesField(5, attribute(key, value))),
    ...(domain === '' ? [] : [textField(7, domain)]),
  ])
}

// AttributeProto: name 1, f 2, i 3, g 6, ints 8, type 20 (1 FLOAT, 2 INT, 5 GRAPH, 7 INTS).
function attribute(name: string, value: AttributeValue): Uint8Array {
  if (typeof value === 'number')
    return joinBytes([textField(1, name), integerField(3, value), integerField(20, 2)])
  if ('float' in value)
    return joinBytes([textField(1, name), floatField(2, value.float), integerField(20, 1)])
  if ('graph' in value)
    return joinBytes([textField(1, name), bytesField(6, value.graph), integerField(20, 5)])
  return joinBytes([textField(1, name), ...value.map((item) => integerField(8, item)), integerField(20, 7)])
}

/** Encodes a TensorProto of floats. */
export function floats(name: string, shape: readonly number[], data: Float32Array): Uint8Array {
  return tensor(name, shape, FLOAT, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
}

/** Encodes a TensorProto of whole numbers. */
export function integers(name: string, shape: readonly number[], data: readonly number[]): Uint8Array {
  return tensor(name, shape, INT64, new Uint8Array(BigInt64Array.from(data, BigInt).buffer))
}

/** Encodes a TensorProto of one truth value. */
export function truth(name: string, value: boolean): Uint8Array {
  return tensor(name, [], BOOL, Uint8Array.of(value ? 1 : 0))
}

function tensor(name: string, shape: readonly number[], type: number, raw: Uint8Array): Uint8Array {
  return joinBytes([
    ...shape.map((size) => integerField(1, size)),
    integerField(2, type),
    textField(8, name),
    bytesField(9, raw),
  ])
}

/** Encodes a ValueInfoProto. */
export function value(name: string, type: number, shape: readonly Dimension[]): Uint8Array {
  const dimensions = shape.map((size) =>
    bytesField(1, typeof size === 'number' ? integerField(1, size) : textField(2, size)),
  )
  const tensorType = joinBytes([integerField(1, type), bytesField(2, joinBytes(dimensions))])
  return joinBytes([textField(1, name), bytesField(2, bytesField(1, tensorType))])
}

/** The parts of a graph, each encoded. */
export interface GraphParts {
  readonly nodes: readonly Uint8Array[]
  readonly initialisers?: readonly Uint8Array[]
  readonly inputs: readonly Uint8Array[]
  readonly outputs: readonly Uint8Array[]
}

/** Encodes a GraphProto. */
export function graph({ nodes, initialisers = [], inputs, outputs }: GraphParts): Uint8Array {
  return joinBytes([
    ...nodes.map((part) => bytesField(1, part)),
    textField(2, 'tiny'),
    ...initialisers.map((part) => bytesField(5, part)),
    ...inputs.map((part) => bytesField(11, part)),
    ...outputs.map((part) => bytesField(12, part)),
  ])
}

/** Encodes a ModelProto with ONNX's operators and onnxruntime's own. */
export function model(parts: GraphParts): Uint8Array {
  const operators = (domain: string, version: number) =>
    bytesField(8, joinBytes([textField(1, domain), integerField(2, version)]))
  return joinBytes([
    integerField(1, 8),
    textField(2, 'parapet-tiny'),
    bytesField(7, graph(parts)),
    operators('', 17),
    operators('com.microsoft', 1),
  ])
}

/** Numbers around 0 that are the same each time: weights of a model that has learnt nothing. */
export function seededFloats(seed: number, length: number, scale = 0.5): Float32Array {
  let state = seed >>> 0 || 1
  return Float32Array.from({ length }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return ((state >>> 0) / 4_294_967_296 - 0.5) * 2 * scale
  })
}
