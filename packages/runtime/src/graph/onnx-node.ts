import { bytesField, integerField, joinBytes, lengthPrefix, textField, wireFields, wireText } from './wire.ts'

/** A node of an ONNX graph. Attributes stay encoded. */
export interface OnnxNode {
  readonly name: string
  /** The operator, such as `Add`. */
  readonly operator: string
  /** The operator's domain; empty for ONNX's own. */
  readonly domain: string
  /** Names of the tensors it reads; an empty name is an input left out. */
  readonly inputs: readonly string[]
  /** Names of the tensors it makes; an empty name is an output left out. */
  readonly outputs: readonly string[]
  /** Tensors of the graph that its subgraphs (If, Loop, Scan) read. */
  readonly captured: readonly string[]
  /** Encoded attributes, each with its tag. */
  readonly attributes: readonly Uint8Array[]
  /** The node's encoding, where it was read from a file and is unchanged. */
  readonly payload?: Uint8Array
}

// NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7. AttributeProto: g 6, graphs 11. GraphProto: node 1.
const INPUT = 1
const OUTPUT = 2
const NAME = 3
const OPERATOR = 4
const ATTRIBUTE = 5
const DOMAIN = 7
const ATTRIBUTE_GRAPHS = new Set([6, 11])
const GRAPH_NODE = 1
const DEEPEST_SUBGRAPH = 16

/** Reads a NodeProto. */
export function decodeNode(payload: Uint8Array, depth = 0): OnnxNode {
  const inputs: string[] = []
  const outputs: string[] = []
  const captured: string[] = []
  const attributes: Uint8Array[] = []
  let name = ''
  let operator = ''
  let domain = ''
  for (const field of wireFields(payload)) {
    if (field.number === INPUT) inputs.push(wireText(field.payload))
    else if (field.number === OUTPUT) outputs.push(wireText(field.payload))
    else if (field.number === NAME) name = wireText(field.payload)
    else if (field.number === OPERATOR) operator = wireText(field.payload)
    else if (field.number === DOMAIN) domain = wireText(field.payload)
    else if (field.number === ATTRIBUTE) {
      attributes.push(field.bytes)
      captured.push(...capturedNames(field.payload, depth))
    }
  }
  return { name, operator, domain, inputs, outputs, captured, attributes, payload }
}

/** The tensors that an attribute's subgraphs read; names made inside them are among them, which does no harm. */
function capturedNames(attribute: Uint8Array, depth: number): string[] {
  const names: string[] = []
  for (const field of wireFields(attribute)) {
    if (!ATTRIBUTE_GRAPHS.has(field.number)) continue
    if (depth >= DEEPEST_SUBGRAPH) throw new RangeError('subgraphs are nested too deeply')
    for (const part of wireFields(field.payload)) {
      if (part.number !== GRAPH_NODE) continue
      const node = decodeNode(part.payload, depth + 1)
      names.push(...node.inputs, ...node.captured)
    }
    // A subgraph may hand a captured tensor straight to its output (GraphProto.output 12, ValueInfoProto.name 1).
    for (const part of wireFields(field.payload)) {
      if (part.number !== 12) continue
      for (const value of wireFields(part.payload))
        if (value.number === 1) names.push(wireText(value.payload))
    }
  }
  return names
}

/** Writes a NodeProto; an unchanged node keeps its bytes. */
export function encodeNode(node: OnnxNode): Uint8Array {
  if (node.payload) return node.payload
  return joinBytes([
    ...node.inputs.map((input) => textField(INPUT, input)),
    ...node.outputs.map((output) => textField(OUTPUT, output)),
    textField(NAME, node.name),
    textField(OPERATOR, node.operator),
    ...node.attributes,
    ...(node.domain === '' ? [] : [textField(DOMAIN, node.domain)]),
  ])
}

/** The node with other inputs; everything else is kept, attributes to the byte. */
export function withInputs(node: OnnxNode, inputs: readonly string[]): OnnxNode {
  const { payload: _dropped, ...rest } = node
  return { ...rest, inputs }
}

/** A new node. */
export function makeNode(
  operator: string,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  options: { domain?: string; attributes?: readonly Uint8Array[] } = {},
): OnnxNode {
  const { domain = '', attributes = [] } = options
  return { name, operator, domain, inputs, outputs, captured: [], attributes }
}

/** An integer attribute (AttributeProto: name 1, i 3, type 20 = INT), with its tag. */
export function integerAttribute(name: string, value: number): Uint8Array {
  return bytesField(ATTRIBUTE, joinBytes([textField(1, name), integerField(3, value), integerField(20, 2)]))
}

/** A field that holds a node, with its tag. */
export function nodeField(node: OnnxNode): Uint8Array[] {
  const payload = encodeNode(node)
  return [lengthPrefix(GRAPH_NODE, payload.length), payload]
}
