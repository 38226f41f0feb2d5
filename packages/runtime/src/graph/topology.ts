import type { OnnxGraph } from './onnx-model.ts'
import type { OnnxNode } from './onnx-node.ts'

/** Who makes and who reads each tensor of a graph. */
export interface Topology {
  readonly makerOf: ReadonlyMap<string, OnnxNode>
  readonly readersOf: ReadonlyMap<string, readonly OnnxNode[]>
}

/** Every tensor that a node reads, its subgraphs' captures included. */
export function tensorsRead(node: OnnxNode): string[] {
  return [...node.inputs, ...node.captured].filter((name) => name !== '')
}

export function topologyOf({ nodes }: OnnxGraph): Topology {
  const makerOf = new Map<string, OnnxNode>()
  const readersOf = new Map<string, OnnxNode[]>()
  for (const node of nodes) {
    for (const output of node.outputs) if (output !== '') makerOf.set(output, node)
    for (const input of new Set(tensorsRead(node))) {
      const readers = readersOf.get(input)
      if (readers) readers.push(node)
      else readersOf.set(input, [node])
    }
  }
  return { makerOf, readersOf }
}

/** The nodes that the tensors depend on. The walk does not go behind the tensors in `border`. */
export function nodesBehind(
  { makerOf }: Topology,
  tensors: Iterable<string>,
  border: ReadonlySet<string> = new Set(),
): Set<OnnxNode> {
  const found = new Set<OnnxNode>()
  const open = [...tensors]
  for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
    if (border.has(tensor)) continue
    const node = makerOf.get(tensor)
    if (node === undefined || found.has(node)) continue
    found.add(node)
    open.push(...tensorsRead(node))
  }
  return found
}
