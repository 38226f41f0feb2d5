import { initialiserOf, inputOf, type OnnxModel, scalarTensor } from './onnx-model.ts'
import { integerAttribute, makeNode, type OnnxNode, withInputs } from './onnx-node.ts'
import type { ResidualStream, Writer } from './residual-stream.ts'

/**
 * What an edited graph is fed with beside its own inputs. They are real inputs, fed at each pass: onnxruntime-node drops
 * the feed of an initialiser silently.
 */
export const INTERVENTION_INPUTS = {
  /** The unit vector that is erased: float32[hidden, 1]. */
  eraseDirection: 'parapet.erase.direction',
  /** How much of it is erased at each position, [0, 1]: float32[1, sequence, 1]. */
  eraseStrength: 'parapet.erase.strength',
  /** What r̂ᵀx is brought to: float32[1]. */
  eraseOffset: 'parapet.erase.offset',
  /** The vector that is added: float32[hidden]. */
  addVector: 'parapet.add.vector',
  /** How often it is added at each block's input and position: float32[blocks, 1, sequence, 1]. */
  addStrength: 'parapet.add.strength',
} as const

const ROW = '/parapet/erase/row'

/** A graph with its interventions, and where its stream is read now. */
export interface IntervenedModel {
  readonly onnx: OnnxModel
  readonly stream: ResidualStream
}

/**
 * Lets a graph be intervened in while it runs (Arditi et al. 2024, section 2.4): everything that writes into the residual
 * stream has a direction erased from what it writes, and a vector is added at the input of a block. What stands inside
 * a skip norm gives out the sum and its normed form from one node, so the writers are edited, never the sum.
 * With every strength 0 each writer is `x − 0` and `x + 0`: the numbers of the graph as it was.
 */
export function intervene(onnx: OnnxModel, stream: ResidualStream, hidden: number): IntervenedModel {
  const { graph } = onnx
  const blocks = stream.pre.length
  const embedding = writerEdit('embedding', stream.embedding, { block: 0, offset: true })
  const edits = stream.writers.map((writer) => {
    const into = writer.part === 'MLP' ? writer.block + 1 : undefined
    const name = `blocks.${writer.block}.${writer.part === 'MLP' ? 'mlp' : 'attention'}`
    const block = into !== undefined && into < blocks ? into : undefined
    return { writer, edit: writerEdit(name, writer.tensor, { block, bias: writer.bias }) }
  })
  const editOf = new Map(edits.map(({ writer, edit }) => [writer.node, { writer, edit }]))
  const rewired = graph.nodes.map((node) => {
    const found = editOf.get(node)
    const renamed = readsInstead(node, stream.embedding, embedding.output)
    return found ? readsAt(renamed, found.writer, found.edit.output) : renamed
  })
  const row = makeNode('Transpose', ROW, [INTERVENTION_INPUTS.eraseDirection], [ROW])
  const nodes = [row, embedding, ...edits.map(({ edit }) => edit)].flatMap((part) =>
    'nodes' in part ? part.nodes : [part],
  )
  const indices = Array.from({ length: blocks }, (_, block) => block)
  return {
    onnx: {
      ...onnx,
      graph: {
        ...graph,
        nodes: [...nodes, ...rewired],
        inputs: [...graph.inputs, ...interventionInputs(hidden, blocks)],
        initialisers: [
          ...graph.initialisers,
          ...indices.map((block) => initialiserOf(indexName(block), scalarTensor(indexName(block), block))),
        ],
      },
    },
    stream: {
      ...stream,
      embedding: embedding.output,
      pre: stream.pre.map((tensor) => (tensor === stream.embedding ? embedding.output : tensor)),
    },
  }
}

interface WriterEdit {
  readonly nodes: readonly OnnxNode[]
  readonly output: string
}

/** Erases from what one writer writes, and adds where it is the last before a block. */
function writerEdit(
  name: string,
  tensor: string,
  options: { block: number | undefined; bias?: string | undefined; offset?: boolean },
): WriterEdit {
  const at = `/parapet/${name}`
  const nodes: OnnxNode[] = []
  const make = (operator: string, label: string, inputs: string[], attributes: Uint8Array[] = []) => {
    const output = `${at}/${label}`
    nodes.push(makeNode(operator, output, inputs, [output], { attributes }))
    return output
  }
  // A bias that the skip norm adds by itself is part of what is written.
  const whole = options.bias === undefined ? tensor : make('Add', 'biased', [tensor, options.bias])
  let dot = make('MatMul', 'dot', [whole, INTERVENTION_INPUTS.eraseDirection])
  if (options.offset) dot = make('Sub', 'excess', [dot, INTERVENTION_INPUTS.eraseOffset])
  const share = make('Mul', 'share', [dot, INTERVENTION_INPUTS.eraseStrength])
  const along = make('Mul', 'along', [share, ROW])
  let output = make('Sub', 'erased', [tensor, along])
  if (options.block !== undefined) {
    const strength = make(
      'Gather',
      'strength',
      [INTERVENTION_INPUTS.addStrength, indexName(options.block)],
      [integerAttribute('axis', 0)],
    )
    const added = make('Mul', 'shift', [strength, INTERVENTION_INPUTS.addVector])
    output = make('Add', 'shifted', [output, added])
  }
  return { nodes, output }
}

function interventionInputs(hidden: number, blocks: number) {
  const { eraseDirection, eraseStrength, eraseOffset, addVector, addStrength } = INTERVENTION_INPUTS
  return [
    inputOf(eraseDirection, [hidden, 1]),
    inputOf(eraseStrength, [1, 'sequence_length', 1]),
    inputOf(eraseOffset, [1]),
    inputOf(addVector, [hidden]),
    inputOf(addStrength, [blocks, 1, 'sequence_length', 1]),
  ]
}

const indexName = (block: number) => `/parapet/block/${block}`

function readsInstead(node: OnnxNode, tensor: string, instead: string): OnnxNode {
  if (!node.inputs.includes(tensor)) return node
  return withInputs(
    node,
    node.inputs.map((input) => (input === tensor ? instead : input)),
  )
}

function readsAt(node: OnnxNode, { input }: Writer, instead: string): OnnxNode {
  return withInputs(
    node,
    node.inputs.map((name, index) => (index === input ? instead : name)),
  )
}
