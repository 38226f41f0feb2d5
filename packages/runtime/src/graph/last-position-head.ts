import { initialiserOf, type NamedBytes, type OnnxModel } from './onnx-model.ts'
import { integerAttribute, makeNode, type OnnxNode, withInputs } from './onnx-node.ts'
import { topologyOf } from './topology.ts'
import { bytesField, integerField, joinBytes, textField } from './wire.ts'

const HEAD = new Set(['MatMul', 'MatMulNBits', 'MatMulInteger', 'DynamicQuantizeMatMul', 'QLinearMatMul'])
/** What may stand between the head and the logits: scaling, soft caps, casts, a bias. */
const BEHIND_HEAD = new Set(['Cast', 'Mul', 'Div', 'Tanh', 'Add', 'Identity'])

/**
 * Lets the language-model head run on the last position only: a prompt of n tokens pays for one row of logits, not for n.
 * The logits become float32[1, 1, vocabulary]. A graph whose head is not recognised is handed back as it is:
 * its logits are right, and dearer.
 */
export function lastPositionHead(onnx: OnnxModel): OnnxModel {
  const { graph } = onnx
  const head = findHead(onnx)
  const hidden = head?.inputs[0]
  if (head === undefined || hidden === undefined) return onnx
  const index = '/parapet/last_position/index'
  const last = '/parapet/last_position/output_0'
  const gather = makeNode('Gather', '/parapet/last_position/Gather', [hidden, index], [last], {
    attributes: [integerAttribute('axis', 1)],
  })
  const nodes = graph.nodes.flatMap((node) =>
    node === head ? [gather, withInputs(node, [last, ...node.inputs.slice(1)])] : [node],
  )
  return {
    ...onnx,
    graph: {
      ...graph,
      nodes,
      initialisers: [...graph.initialisers, minusOne(index)],
      // The types of the logits' shapes were written down for every position.
      valueTypes: graph.valueTypes.filter(({ name }) => !head.outputs.includes(name)),
    },
  }
}

function findHead({ graph }: OnnxModel): OnnxNode | undefined {
  const { makerOf } = topologyOf(graph)
  let node = makerOf.get('logits')
  while (node && BEHIND_HEAD.has(node.operator)) {
    const before: OnnxNode[] = node.inputs.flatMap((name) => makerOf.get(name) ?? [])
    node = before.find((maker) => HEAD.has(maker.operator) || BEHIND_HEAD.has(maker.operator))
  }
  return node && HEAD.has(node.operator) ? node : undefined
}

/** TensorProto int64[1] = −1: dims 1, data_type 2 (7 = int64), name 8, raw_data 9. */
function minusOne(name: string): NamedBytes {
  const data = new Uint8Array(8).fill(0xff)
  const tensor = joinBytes([integerField(1, 1), integerField(2, 7), textField(8, name), bytesField(9, data)])
  return initialiserOf(name, tensor)
}
