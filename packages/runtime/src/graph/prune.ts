import type { NamedBytes, OnnxGraph, OnnxModel } from './onnx-model.ts'
import { nodesBehind, tensorsRead, topologyOf } from './topology.ts'

/** Keeps what the graph's outputs depend on: every other node, weight, input and type is dropped. */
export function prune(model: OnnxModel): OnnxModel {
  const { graph } = model
  const kept = nodesBehind(
    topologyOf(graph),
    graph.outputs.map(({ name }) => name),
  )
  const nodes = graph.nodes.filter((node) => kept.has(node))
  const read = new Set(nodes.flatMap(tensorsRead))
  const made = new Set(nodes.flatMap((node) => node.outputs))
  for (const { name } of graph.outputs) read.add(name)
  const onlyRead = (parts: readonly NamedBytes[]) => parts.filter(({ name }) => read.has(name))
  const pruned: OnnxGraph = {
    ...graph,
    nodes,
    initialisers: onlyRead(graph.initialisers),
    inputs: onlyRead(graph.inputs),
    valueTypes: graph.valueTypes.filter(({ name }) => made.has(name)),
  }
  return { ...model, graph: pruned }
}
