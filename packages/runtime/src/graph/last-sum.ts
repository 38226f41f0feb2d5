import type { OnnxModel } from './onnx-model.ts'
import type { OnnxNode } from './onnx-node.ts'
import type { ResidualStream } from './residual-stream.ts'

const LAST_SUM = '/parapet/last_sum'

/**
 * Lets the graph give out the stream behind the last block. Exporters leave it out where the last norm has taken it in,
 * and so do we where nobody reads it.
 */
export function giveOutLastSum(onnx: OnnxModel, stream: ResidualStream): OnnxModel {
  const last = stream.writers.at(-1)
  if (last === undefined || last.sum !== '') return onnx
  const nodes = onnx.graph.nodes.map((node) => (node === last.node ? withSum(node) : node))
  return { ...onnx, graph: { ...onnx.graph, nodes } }
}

/** The sum is the fourth output of a skip norm; the two between are statistics that only training reads. */
function withSum(node: OnnxNode): OnnxNode {
  const { payload: _dropped, ...rest } = node
  return { ...rest, outputs: [node.outputs[0] ?? '', '', '', LAST_SUM] }
}
