import { fault } from '../errors/codes.ts'
import { decodeNode, nodeField, type OnnxNode } from './onnx-node.ts'
import {
  bytesField,
  findField,
  integerField,
  joinBytes,
  lengthOf,
  lengthPrefix,
  textField,
  wireFields,
  wireText,
} from './wire.ts'

/** A part of a graph that stays encoded, known by its name: an initialiser, an input, an output, a value's type. */
export interface NamedBytes {
  readonly name: string
  /** The field with its tag. */
  readonly bytes: Uint8Array
}

/** The graph of an ONNX file, open for edits. Weights are views on the file's bytes and are never decoded. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly initialisers: readonly NamedBytes[]
  readonly inputs: readonly NamedBytes[]
  readonly outputs: readonly NamedBytes[]
  readonly valueTypes: readonly NamedBytes[]
  /** Fields that edits leave alone: name, documentation, metadata, sparse initialisers. */
  readonly rest: readonly Uint8Array[]
}

export interface OnnxModel {
  readonly graph: OnnxGraph
  /** Every field of the model but the graph. */
  readonly header: readonly Uint8Array[]
}

// ModelProto: graph 7. GraphProto: node 1, initializer 5, input 11, output 12, value_info 13. Names: TensorProto 8, ValueInfoProto 1.
const MODEL_GRAPH = 7
const NODE = 1
const INITIALISER = 5
const INPUT = 11
const OUTPUT = 12
const VALUE_TYPE = 13
const TENSOR_NAME = 8
const VALUE_NAME = 1

/**
 * Opens an ONNX file's bytes. External data stays where it is.
 * @throws `PARAPET_MODEL_CORRUPT`
 */
export function openOnnx(bytes: Uint8Array, model: string, file = 'model.onnx'): OnnxModel {
  const corrupt = (problem: string, cause?: unknown) =>
    fault('PARAPET_MODEL_CORRUPT', { model, file, problem }, cause === undefined ? {} : { cause })
  const header: Uint8Array[] = []
  const graphs: Uint8Array[] = []
  try {
    for (const field of wireFields(bytes)) {
      if (field.number === MODEL_GRAPH) graphs.push(field.payload)
      else header.push(field.bytes)
    }
    const graph = readGraph(graphs)
    if (graph.nodes.length > 0) return { graph, header }
  } catch (cause) {
    throw corrupt('it is not the protobuf of an ONNX model', cause)
  }
  throw corrupt('it holds no graph')
}

/** Reads a graph; several encodings of one field merge, as protobuf says. */
function readGraph(encodings: readonly Uint8Array[]): OnnxGraph {
  const nodes: OnnxNode[] = []
  const initialisers: NamedBytes[] = []
  const inputs: NamedBytes[] = []
  const outputs: NamedBytes[] = []
  const valueTypes: NamedBytes[] = []
  const rest: Uint8Array[] = []
  const named = (payload: Uint8Array, bytes: Uint8Array, nameField: number): NamedBytes => ({
    name: wireText(findField(payload, nameField) ?? new Uint8Array(0)),
    bytes,
  })
  for (const encoding of encodings) {
    for (const { number, bytes, payload } of wireFields(encoding)) {
      if (number === NODE) nodes.push(decodeNode(payload))
      else if (number === INITIALISER) initialisers.push(named(payload, bytes, TENSOR_NAME))
      else if (number === INPUT) inputs.push(named(payload, bytes, VALUE_NAME))
      else if (number === OUTPUT) outputs.push(named(payload, bytes, VALUE_NAME))
      else if (number === VALUE_TYPE) valueTypes.push(named(payload, bytes, VALUE_NAME))
      else rest.push(bytes)
    }
  }
  return { nodes, initialisers, inputs, outputs, valueTypes, rest }
}

/** Encodes a model; the weights are copied once. */
export function encodeOnnx({ graph, header }: OnnxModel): Uint8Array {
  const body: Uint8Array[] = [...graph.rest]
  for (const node of graph.nodes) body.push(...nodeField(node))
  for (const part of [graph.initialisers, graph.inputs, graph.outputs, graph.valueTypes]) {
    for (const { bytes } of part) body.push(bytes)
  }
  return joinBytes([...header, lengthPrefix(MODEL_GRAPH, lengthOf(body)), ...body])
}

/** An output known by its name alone: onnxruntime infers its type. */
export function outputNamed(name: string): NamedBytes {
  const value = textField(VALUE_NAME, name)
  return { name, bytes: joinBytes([lengthPrefix(OUTPUT, value.length), value]) }
}

/** An initialiser made here, from its TensorProto. */
export function initialiserOf(name: string, tensor: Uint8Array): NamedBytes {
  return { name, bytes: joinBytes([lengthPrefix(INITIALISER, tensor.length), tensor]) }
}

/** A float32 input; a name stands for a dimension that is open. */
export function inputOf(name: string, shape: readonly (number | string)[]): NamedBytes {
  // Dimension: dim_value 1, dim_param 2. TensorShapeProto: dim 1. Tensor: elem_type 1 (1 = float32), shape 2. ValueInfoProto: type 2.
  const dimensions = shape.map((size) =>
    bytesField(1, typeof size === 'number' ? integerField(1, size) : textField(2, size)),
  )
  const tensor = joinBytes([integerField(1, 1), bytesField(2, joinBytes(dimensions))])
  const value = joinBytes([textField(VALUE_NAME, name), bytesField(2, bytesField(1, tensor))])
  return { name, bytes: joinBytes([lengthPrefix(INPUT, value.length), value]) }
}

/** The TensorProto of one int64 number, of no dimension: data_type 2 (7 = int64), name 8, raw_data 9. */
export function scalarTensor(name: string, value: number): Uint8Array {
  const data = new Uint8Array(BigInt64Array.of(BigInt(value)).buffer)
  return joinBytes([integerField(2, 7), textField(TENSOR_NAME, name), bytesField(9, data)])
}
