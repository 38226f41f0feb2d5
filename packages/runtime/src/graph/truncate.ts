import type { OnnxModel } from './onnx-model.ts'
import { prune } from './prune.ts'
import { nodesBehind, topologyOf } from './topology.ts'

/**
 * Ends the graph behind the given outputs: deeper blocks and the language-model head are dropped with their weights.
 * Outputs that are computed on the way anyhow (the key-value cache of the blocks that stay) are kept.
 */
export function truncate(onnx: OnnxModel, outputs: readonly string[]): OnnxModel {
  const kept = nodesBehind(topologyOf(onnx.graph), outputs)
  const made = new Set([...kept].flatMap((node) => node.outputs))
  const graph = { ...onnx.graph, outputs: onnx.graph.outputs.filter(({ name }) => made.has(name)) }
  return prune({ ...onnx, graph })
}
