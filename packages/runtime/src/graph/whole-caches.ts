import type { OnnxModel } from './onnx-model.ts'
import { type OnnxNode, withInputs } from './onnx-node.ts'
import { findField, wireFields, wireText } from './wire.ts'

const ROLLING = 'sliding_window_cache'

/**
 * Lets blocks of windowed attention keep every key and value, as the others do. onnxruntime-genai's builder (0.18) has
 * them keep a rolling cache of the window's length, whose room would have to be another than the other blocks'. The
 * window itself stays, so the numbers do too.
 */
export function wholeCaches(onnx: OnnxModel): OnnxModel {
  const nodes = onnx.graph.nodes.map((node) => (isRolling(node) ? withoutRolling(node) : node))
  return { ...onnx, graph: { ...onnx.graph, nodes } }
}

function isRolling({ operator, attributes }: OnnxNode): boolean {
  return operator === 'GroupQueryAttention' && attributes.some((attribute) => nameOf(attribute) === ROLLING)
}

function withoutRolling(node: OnnxNode): OnnxNode {
  const attributes = node.attributes.filter((attribute) => nameOf(attribute) !== ROLLING)
  return withInputs({ ...node, attributes }, node.inputs)
}

/** AttributeProto: name 1, inside its field of the node. */
function nameOf(attribute: Uint8Array): string {
  const [field] = wireFields(attribute)
  return wireText(findField(field?.payload ?? attribute, 1) ?? new Uint8Array(0))
}
