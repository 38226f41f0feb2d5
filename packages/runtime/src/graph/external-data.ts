import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { fault } from '../errors/codes.ts'
import type { OnnxModel } from './onnx-model.ts'
import { findField, wireFields, wireText } from './wire.ts'

// TensorProto: external_data 13 (StringStringEntryProto: key 1, value 2), data_location 14 (1 = EXTERNAL).
const EXTERNAL_DATA = 13
const DATA_LOCATION = 14
const EXTERNAL = 1
// GraphProto: node 1, initializer 5, sparse_initializer 15 (SparseTensorProto: values 1, indices 2).
const GRAPH_NODE = 1
const GRAPH_INITIALISER = 5
const SPARSE_INITIALISER = 15
// NodeProto: attribute 5. AttributeProto: t 5, g 6, tensors 10, graphs 11, sparse_tensor 22, sparse_tensors 23.
const NODE_ATTRIBUTE = 5
const ATTRIBUTE_TENSORS = [5, 10]
const ATTRIBUTE_GRAPHS = [6, 11]
const ATTRIBUTE_SPARSE = [22, 23]
// ModelProto: functions 25 (FunctionProto: node 7).
const MODEL_FUNCTION = 25
const FUNCTION_NODE = 7
const DEEPEST_SUBGRAPH = 16

/** A file of the folder itself: a plain name, as in a manifest. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** Where an encoded TensorProto says that its data lie outside; `undefined` where they lie inside. */
export function externalLocation(tensor: Uint8Array): string | undefined {
  let location: string | undefined
  let outside = false
  for (const { number, payload, bytes } of wireFields(tensor)) {
    if (number === DATA_LOCATION) outside = enumerationOf(bytes) === EXTERNAL
    else if (number === EXTERNAL_DATA && textIn(payload, 1) === 'location') location = textIn(payload, 2)
  }
  return outside ? (location ?? '') : undefined
}

/**
 * Checks where a tensor's data lie: beside the graph, under a plain name. onnxruntime joins the name to its folder, and
 * knows names of its own that mean an address in memory.
 * @throws `PARAPET_MODEL_FILE_OUTSIDE`
 */
export function checkLocation(location: string, model: string, file: string): string {
  if (PLAIN_NAME.test(location)) return location
  throw fault('PARAPET_MODEL_FILE_OUTSIDE', { model, file, problem: describe(location) })
}

/**
 * The files beside the graph that its weights lie in. Only the graph's own initialisers may lie outside.
 * @throws `PARAPET_MODEL_FILE_OUTSIDE`
 */
export function externalFiles({ graph, header }: OnnxModel, model: string, file: string): Set<string> {
  const files = new Set<string>()
  for (const { bytes } of graph.initialisers) {
    const [field] = wireFields(bytes)
    const location = field && externalLocation(field.payload)
    if (location !== undefined) files.add(checkLocation(location, model, file))
  }
  const nodes = graph.nodes.flatMap(({ attributes }) => attributes.flatMap(payloads))
  const sparse = graph.rest.flatMap((bytes) => numbered(bytes, SPARSE_INITIALISER))
  const functions = header.flatMap((bytes) => numbered(bytes, MODEL_FUNCTION))
  const hidden =
    nodes.some((attribute) => attributeReachesOut(attribute, 0)) ||
    sparse.some(sparseReachesOut) ||
    functions.some((encoding) => graphReachesOut(encoding, FUNCTION_NODE, 0))
  if (hidden) {
    const problem = 'a constant inside a node, a subgraph or a function names a file'
    throw fault('PARAPET_MODEL_FILE_OUTSIDE', { model, file, problem })
  }
  return files
}

function describe(location: string): string {
  if (location === '') return 'no file is named'
  if (/^([/\\]|[A-Za-z]:)/.test(location)) return 'an absolute path'
  if (location.split(/[/\\]/).includes('..')) return 'a path that leads out of the folder'
  return 'no plain name of a file'
}

function attributeReachesOut(attribute: Uint8Array, depth: number): boolean {
  if (depth > DEEPEST_SUBGRAPH) return true
  for (const { number, payload } of wireFields(attribute)) {
    if (ATTRIBUTE_TENSORS.includes(number) && externalLocation(payload) !== undefined) return true
    if (ATTRIBUTE_SPARSE.includes(number) && sparseReachesOut(payload)) return true
    if (ATTRIBUTE_GRAPHS.includes(number) && graphReachesOut(payload, GRAPH_NODE, depth + 1)) return true
  }
  return false
}

/** A subgraph, or a function's body, whose nodes are under a number of their own. */
function graphReachesOut(encoding: Uint8Array, nodeField: number, depth: number): boolean {
  for (const { number, payload } of wireFields(encoding)) {
    if (number === nodeField) {
      const attributes = numbered(payload, NODE_ATTRIBUTE)
      if (attributes.some((attribute) => attributeReachesOut(attribute, depth))) return true
    } else if (number === SPARSE_INITIALISER && sparseReachesOut(payload)) return true
    else if (number === GRAPH_INITIALISER && externalLocation(payload) !== undefined) return true
  }
  return false
}

function sparseReachesOut(sparse: Uint8Array): boolean {
  return [...wireFields(sparse)].some(
    ({ number, payload }) => number <= 2 && externalLocation(payload) !== undefined,
  )
}

function textIn(message: Uint8Array, number: number): string {
  return wireText(findField(message, number) ?? new Uint8Array(0))
}

/** The payload of a field with its tag. */
function payloads(field: Uint8Array): Uint8Array[] {
  return [...wireFields(field)].map(({ payload }) => payload)
}

/** The payloads of a message's fields of one number; a field with its tag is a message of one field. */
function numbered(message: Uint8Array, wanted: number): Uint8Array[] {
  return [...wireFields(message)].flatMap(({ number, payload }) => (number === wanted ? [payload] : []))
}

function enumerationOf(field: Uint8Array): number {
  const reader = new BinaryReader(field)
  const [, type] = reader.tag()
  return type === WireType.Varint ? Number(reader.int64()) : 0
}
