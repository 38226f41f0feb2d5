import { fault } from '../errors/codes.ts'
import { type OnnxModel, outputNamed } from './onnx-model.ts'
import { makeNode } from './onnx-node.ts'
import type { ResidualStream } from './residual-stream.ts'
import { blockOf, type Site } from './site.ts'

/**
 * Makes sites outputs of the graph, each under the site's own name: float32[1, sequence, hidden].
 * What the graph computed before is unchanged.
 * @throws `PARAPET_MODEL_SITE_UNKNOWN`
 */
export function tap(
  onnx: OnnxModel,
  stream: ResidualStream,
  sites: readonly Site[],
  model: string,
): OnnxModel {
  const tensors = [...new Set(sites)].map((site): [string, string] => {
    const block = blockOf(site)
    const tensor = block === undefined ? undefined : stream.pre[block]
    if (tensor === undefined) {
      throw fault('PARAPET_MODEL_SITE_UNKNOWN', { model, site, blocks: stream.pre.length })
    }
    return [site, tensor]
  })
  return tapTensors(onnx, new Map(tensors))
}

/** Makes tensors outputs of the graph under names of ours. */
export function tapTensors(onnx: OnnxModel, tensors: ReadonlyMap<string, string>): OnnxModel {
  const taps = [...tensors].map(([name, tensor]) =>
    makeNode('Identity', `/parapet/tap/${name}`, [tensor], [name]),
  )
  const { graph } = onnx
  return {
    ...onnx,
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...taps],
      outputs: [...graph.outputs, ...[...tensors.keys()].map(outputNamed)],
    },
  }
}
