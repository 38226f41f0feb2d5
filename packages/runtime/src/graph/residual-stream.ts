import { fault } from '../errors/codes.ts'
import type { OnnxGraph } from './onnx-model.ts'
import type { OnnxNode } from './onnx-node.ts'
import { nodesBehind, type Topology, tensorsRead, topologyOf } from './topology.ts'

/** The residual stream of a decoder: for each block the tensor that enters it, and the one between attention and MLP. */
export interface ResidualStream {
  /** Tensor names by block: what `blocks.L.hook_resid_pre` reads. */
  readonly pre: readonly string[]
  /** Tensor names by block: the stream after the block's attention was added. */
  readonly mid: readonly string[]
  /** The first tensor of the stream: `pre[0]`. */
  readonly embedding: string
  /** What the blocks add to the stream, in order: attention then MLP of each. */
  readonly writers: readonly Writer[]
}

/** A tensor that is added to the stream. */
export interface Writer {
  readonly block: number
  readonly part: 'attention' | 'MLP'
  /** The node that adds it. */
  readonly node: OnnxNode
  /** The node's input that takes it. */
  readonly input: number
  readonly tensor: string
  /** A bias that the node adds with it. */
  readonly bias: string | undefined
  /** The stream behind the addition; empty where the node does not give it out, as the last may. */
  readonly sum: string
}

const SKIP_NORM = new Set(['SkipLayerNormalization', 'SkipSimplifiedLayerNormalization'])
const ATTENTION = new Set(['GroupQueryAttention', 'MultiHeadAttention', 'Attention', 'Softmax'])
const EMBEDDING = new Set(['Gather', 'GatherBlockQuantized'])
/** What may stand between the embedding and the first block: scaling, casts, an embedding of positions or its norm. */
const ON_THE_WAY_IN = new Set(['Mul', 'Cast', 'LayerNormalization', 'Dropout', 'Identity'])

/** A node that adds a block's part to the stream. */
interface Merge {
  readonly node: OnnxNode
  /** The tensor of the sum; empty where the node does not give it out. */
  readonly sum: string
  /** Whether the part that is added comes from attention. */
  readonly attention: boolean
}

/**
 * Finds the residual stream by structure: from the embedding along the additions, two to a block, attention then MLP.
 * Names are only a check: where they carry a block's number, it has to agree.
 * @throws `PARAPET_MODEL_GRAPH_UNSUPPORTED`, saying where the chain broke
 */
export function findResidualStream(graph: OnnxGraph, blocks: number, model: string): ResidualStream {
  const refuse = (problem: string) => fault('PARAPET_MODEL_GRAPH_UNSUPPORTED', { model, problem })
  const topology = topologyOf(graph)
  let stream = findEmbedding(graph, topology)
  if (stream === undefined) throw refuse('no Gather reads the input "input_ids"')

  let merge = nextMerge(topology, stream)
  while (merge === undefined) {
    const onwards = wayIn(topology, stream)
    if (onwards === undefined) throw refuse(`no addition follows the embedding "${stream}"`)
    stream = onwards
    merge = nextMerge(topology, stream)
  }

  const pre: string[] = []
  const mid: string[] = []
  const writers: Writer[] = []
  const embedding = stream
  for (let block = 0; block < blocks; block += 1) {
    pre.push(stream)
    for (const part of ['attention', 'MLP'] as const) {
      merge = nextMerge(topology, stream)
      const where = `block ${block} of ${blocks}, behind "${stream}"`
      if (merge === undefined) throw refuse(`no addition of the ${part}'s output (${where})`)
      if (merge.attention !== (part === 'attention')) {
        throw refuse(`the addition "${merge.node.name}" does not add the ${part}'s output (${where})`)
      }
      checkNumber(merge.node, block, part, refuse)
      if (part === 'attention') mid.push(merge.sum)
      const last = block === blocks - 1 && part === 'MLP'
      if (merge.sum === '' && !last) throw refuse(`"${merge.node.name}" does not give out the sum (${where})`)
      writers.push(writerOf(merge, stream, block, part))
      stream = merge.sum
    }
  }
  if (stream !== '' && nextMerge(topology, stream) !== undefined) {
    throw refuse(`the stream goes on behind block ${blocks - 1}: the manifest's "layers" is too small`)
  }
  return { pre, mid, embedding, writers }
}

function findEmbedding(graph: OnnxGraph, { readersOf }: Topology): string | undefined {
  const input = graph.inputs.find(({ name }) => name === 'input_ids')
  if (input === undefined) return undefined
  // Some exports pass the ids through a Cast or a Reshape first.
  const open = [input.name]
  for (let tensor = open.shift(); tensor !== undefined; tensor = open.shift()) {
    for (const node of readersOf.get(tensor) ?? []) {
      if (EMBEDDING.has(node.operator) && node.inputs[1] === tensor) return node.outputs[0]
      if (node.operator === 'Cast' || node.operator === 'Reshape') open.push(...node.outputs)
    }
  }
  return undefined
}

/** One step from the embedding towards the first block. */
function wayIn({ readersOf, makerOf }: Topology, stream: string): string | undefined {
  for (const node of readersOf.get(stream) ?? []) {
    if (ON_THE_WAY_IN.has(node.operator)) return node.outputs[0]
    if (node.operator !== 'Add') continue
    const other = node.inputs.find((name) => name !== stream)
    const maker = other === undefined ? undefined : makerOf.get(other)
    if (maker && EMBEDDING.has(maker.operator)) return node.outputs[0]
  }
  return undefined
}

/** The next addition to the stream: it reads the stream itself and something computed from it. */
function nextMerge(topology: Topology, stream: string): Merge | undefined {
  const faces = facesOf(topology, stream)
  for (const node of topology.readersOf.get(stream) ?? []) {
    const skip = SKIP_NORM.has(node.operator)
    if (!skip && node.operator !== 'Add') continue
    const added = node.inputs.slice(0, 2).filter((name) => name !== stream)
    const behind = nodesBehind(topology, added, faces)
    if (![...behind].some((maker) => tensorsRead(maker).some((name) => faces.has(name)))) continue
    const attention = [...behind].some((maker) => ATTENTION.has(maker.operator))
    return { node, sum: (skip ? node.outputs[3] : node.outputs[0]) ?? '', attention }
  }
  return undefined
}

/** SkipSimplifiedLayerNormalization(input, skip, gamma, bias), SkipLayerNormalization(input, skip, gamma, beta, bias). */
const BIAS_INPUT: Readonly<Record<string, number>> = {
  SkipSimplifiedLayerNormalization: 3,
  SkipLayerNormalization: 4,
}

function writerOf({ node, sum }: Merge, stream: string, block: number, part: Writer['part']): Writer {
  const input = node.inputs[0] === stream ? 1 : 0
  const bias = node.inputs[BIAS_INPUT[node.operator] ?? Number.POSITIVE_INFINITY] || undefined
  return { block, part, node, input, tensor: node.inputs[input] ?? '', bias, sum }
}

/** The stream, and its normed form where one node makes both: what a block's part is computed from. */
function facesOf({ makerOf }: Topology, stream: string): ReadonlySet<string> {
  const maker = makerOf.get(stream)
  const normed = maker && SKIP_NORM.has(maker.operator) ? (maker.outputs[0] ?? '') : ''
  return new Set(normed === '' ? [stream] : [stream, normed])
}

/**
 * An addition's name, where it has a block's number, is of that block, or of the one whose norm it is fused with.
 * The last fused norm is numbered as one block more by some exporters.
 */
function checkNumber(
  node: OnnxNode,
  block: number,
  part: 'attention' | 'MLP',
  refuse: (problem: string) => Error,
): void {
  const found = /(?:layers|h|blocks|block)[./](\d+)[./]/.exec(node.name)
  if (!found) return
  const number = Number(found[1])
  if (number === block || (part === 'MLP' && number === block + 1)) return
  throw refuse(`the addition "${node.name}" is in the place of block ${block}'s ${part}`)
}
