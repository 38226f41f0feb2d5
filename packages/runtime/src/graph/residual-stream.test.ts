import { describe, expect, test } from '@jest/globals'
import { tinyDecoder } from '../testing/tiny-decoder.ts'
import { type OnnxGraph, openOnnx } from './onnx-model.ts'
import { makeNode, type OnnxNode, withInputs } from './onnx-node.ts'
import { findResidualStream } from './residual-stream.ts'

const genai = openOnnx(tinyDecoder('genai'), 'tiny').graph
const plain = openOnnx(tinyDecoder('plain'), 'tiny').graph

function edit(graph: OnnxGraph, change: (node: OnnxNode) => OnnxNode): OnnxGraph {
  return { ...graph, nodes: graph.nodes.map(change) }
}

function refusal(graph: OnnxGraph, blocks = 4): string {
  try {
    findResidualStream(graph, blocks, 'tiny')
  } catch (error) {
    expect(error).toMatchObject({ code: 'PARAPET_MODEL_GRAPH_UNSUPPORTED', retryable: false })
    return (error as Error).message
  }
  throw new Error('the stream was found')
}

describe('findResidualStream', () => {
  test.each([
    ['the sums inside skip norms', genai],
    ['plain additions', plain],
  ])('follows %s', (_, graph) => {
    const stream = findResidualStream(graph, 4, 'tiny')

    expect(stream.pre).toEqual([
      'embedded',
      ...[1, 2, 3].map((block) => `/model/layers.${block}/input_layernorm/output_3`),
    ])
    expect(stream.mid).toEqual(
      [0, 1, 2, 3].map((block) => `/model/layers.${block}/post_attention_layernorm/output_3`),
    )
  })

  test('does not need names: with every name of a node or tensor scrambled it finds the same tensors', () => {
    const hidden = new Map<string, string>()
    const keep = new Set([...genai.inputs, ...genai.outputs, ...genai.initialisers].map(({ name }) => name))
    const scramble = (name: string) => {
      if (name === '' || keep.has(name)) return name
      if (!hidden.has(name)) hidden.set(name, `t${hidden.size}`)
      return hidden.get(name) ?? ''
    }
    const scrambled = edit(genai, (node) => ({
      ...withInputs(node, node.inputs.map(scramble)),
      name: '',
      outputs: node.outputs.map(scramble),
    }))

    const stream = findResidualStream(scrambled, 4, 'tiny')

    expect(stream.pre).toEqual(findResidualStream(genai, 4, 'tiny').pre.map(scramble))
  })

  test('goes through scaling and an embedding of positions on the way in', () => {
    const first = 'embedded'
    const nodes = [
      makeNode('Gather', 'positions', ['embedding', 'input_ids'], ['where']),
      makeNode('Mul', 'scale', ['raw', 'one'], ['scaled']),
      makeNode('Add', 'place', ['scaled', 'where'], [first]),
    ]
    const renamed = edit(genai, (node) =>
      node.outputs[0] === first ? makeNode('Gather', node.name, node.inputs, ['raw']) : node,
    )

    const stream = findResidualStream({ ...renamed, nodes: [...renamed.nodes, ...nodes] }, 4, 'tiny')

    expect(stream.pre[0]).toBe(first)
  })

  test('says where the chain broke', () => {
    const cut = edit(genai, (node) =>
      node.name === '/model/layers.2/post_attention_layernorm/SkipLayerNorm'
        ? withInputs(node, ['elsewhere', 'nowhere', node.inputs[2] ?? ''])
        : node,
    )

    expect(refusal(cut)).toContain('block 2 of 4')
  })

  test('refuses a graph without an embedding', () => {
    const blind = { ...genai, inputs: genai.inputs.filter(({ name }) => name !== 'input_ids') }

    expect(refusal(blind)).toContain('no Gather reads the input "input_ids"')
  })

  test('refuses a number of layers that is too large or too small', () => {
    expect(refusal(genai, 5)).toContain('block 3 of 5')
    expect(refusal(plain, 3)).toContain('too small')
  })

  test('refuses blocks that are in another place than their names say', () => {
    const swapped = edit(genai, (node) => {
      const [from, to] = node.name.includes('layers.1/post') ? ['layers.1', 'layers.3'] : ['', '']
      return from === ''
        ? node
        : { ...withInputs(node, node.inputs), name: node.name.replace(from, to ?? '') }
    })

    expect(refusal(swapped)).toContain("in the place of block 1's attention")
  })

  test('refuses attention and MLP added side by side', () => {
    const parallel = edit(plain, (node) =>
      // The MLP reads the block's input in place of the sum behind attention.
      node.name === '/model/layers.1.post/LayerNorm'
        ? withInputs(node, ['/model/layers.1/input_layernorm/output_3', node.inputs[1] ?? ''])
        : node,
    )

    expect(refusal(parallel)).toContain('block 1 of 4')
  })
})
