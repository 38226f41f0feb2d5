import { describe, expect, test } from '@jest/globals'
import { tinyDecoder } from '../testing/tiny-decoder.ts'
import { lastPositionHead } from './last-position-head.ts'
import { encodeOnnx, type OnnxModel, openOnnx } from './onnx-model.ts'
import { decodeNode, encodeNode } from './onnx-node.ts'
import { prune } from './prune.ts'
import { referenceWeights } from './reference-weights.ts'
import { findResidualStream } from './residual-stream.ts'
import { residPre } from './site.ts'
import { tap } from './tap.ts'
import { truncate } from './truncate.ts'
import { bytesField, joinBytes, lengthOf, textField, wireFields, wireText } from './wire.ts'

const bytes = tinyDecoder()
const opened = () => openOnnx(bytes, 'tiny')

function namesOf(model: OnnxModel, part: 'initialisers' | 'inputs' | 'outputs'): string[] {
  return model.graph[part].map(({ name }) => name)
}

function truncatedAt(block: number): OnnxModel {
  const model = opened()
  const stream = findResidualStream(model.graph, 4, 'tiny')
  return truncate(tap(model, stream, [residPre(block)], 'tiny'), [residPre(block)])
}

describe('openOnnx and encodeOnnx', () => {
  test('what is opened and not edited has the same parts when it is encoded again', () => {
    const again = openOnnx(encodeOnnx(opened()), 'tiny')

    expect(again.graph.nodes.map(encodeNode)).toEqual(opened().graph.nodes.map(encodeNode))
    expect(namesOf(again, 'initialisers')).toEqual(namesOf(opened(), 'initialisers'))
    expect(encodeOnnx(again)).toEqual(encodeOnnx(opened()))
  })

  test('weights are views on the file, not copies', () => {
    const { graph } = opened()

    expect(graph.initialisers.length).toBeGreaterThan(20)
    for (const { bytes: weight } of graph.initialisers) expect(weight.buffer).toBe(bytes.buffer)
  })

  test('a graph in two pieces is one graph, as protobuf merges them', () => {
    const extra = bytesField(7, bytesField(12, textField(1, 'embedded')))

    expect(namesOf(openOnnx(joinBytes([bytes, extra]), 'tiny'), 'outputs')).toContain('embedded')
  })

  test.each([
    ['an empty file', new Uint8Array(0)],
    ['random bytes', Uint8Array.from({ length: 1000 }, (_, index) => (index * 7919) % 251)],
    ['a file cut in the middle', bytes.slice(0, bytes.length / 2)],
    ['a file cut at its start', bytes.slice(100)],
    ['a text', new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\noid sha256:0\n')],
  ])('%s is PARAPET_MODEL_CORRUPT', (_, broken) => {
    expect(() => openOnnx(broken, 'tiny')).toThrow(
      expect.objectContaining({ code: 'PARAPET_MODEL_CORRUPT', retryable: false }),
    )
  })
})

describe('edits', () => {
  test('truncating keeps the blocks before the site, and drops the rest with its weights', () => {
    const cut = truncatedAt(2)

    const kept = namesOf(cut, 'initialisers').join(' ')
    expect(kept).toContain('layers.1/mlp')
    expect(kept).not.toMatch(/layers\.[23]\/(attn|mlp)/)
    expect(kept).not.toContain('head')
    expect(namesOf(cut, 'inputs')).toEqual([
      'input_ids',
      'attention_mask',
      ...[0, 1].flatMap((block) => [`past_key_values.${block}.key`, `past_key_values.${block}.value`]),
    ])
    expect(namesOf(cut, 'outputs')).toContain('blocks.2.hook_resid_pre')
    expect(namesOf(cut, 'outputs')).toContain('present.1.value')
    expect(namesOf(cut, 'outputs')).not.toContain('present.2.key')
    expect(namesOf(cut, 'outputs')).not.toContain('logits')
  })

  test('each block less is a smaller graph', () => {
    const sizes = [0, 1, 2, 3].map((block) => encodeOnnx(truncatedAt(block)).length)

    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    expect(sizes[0]).toBeLessThan((sizes[3] ?? 0) / 2)
  })

  test('a site that the model does not have is PARAPET_MODEL_SITE_UNKNOWN', () => {
    const model = opened()
    const stream = findResidualStream(model.graph, 4, 'tiny')

    expect(() => tap(model, stream, [residPre(4)], 'tiny')).toThrow(
      expect.objectContaining({ code: 'PARAPET_MODEL_SITE_UNKNOWN' }),
    )
  })

  test('the head reads the last position, and nothing else of the graph changes', () => {
    const { graph } = lastPositionHead(opened())

    const before = opened().graph.nodes
    const head = graph.nodes.find(({ outputs }) => outputs.includes('logits'))
    const gather = graph.nodes.find(({ outputs }) => outputs[0] === head?.inputs[0])
    expect(gather).toMatchObject({ operator: 'Gather', inputs: ['normed', expect.any(String)] })
    expect(graph.nodes.length).toBe(before.length + 1)
    const others = graph.nodes.filter((node) => node !== head && node !== gather).map(encodeNode)
    expect(others).toEqual(before.filter(({ outputs }) => !outputs.includes('logits')).map(encodeNode))
  })

  test('a graph whose head is not recognised is handed back as it is', () => {
    const model = opened()
    const nodes = model.graph.nodes.filter(({ outputs }) => !outputs.includes('logits'))
    const headless = { ...model, graph: { ...model.graph, nodes } }

    expect(lastPositionHead(headless)).toBe(headless)
  })

  test('a tensor that only a subgraph reads is kept', () => {
    const inner = bytesField(
      1,
      joinBytes([textField(1, 'captured'), textField(2, 'inside'), textField(4, 'Identity')]),
    )
    const attribute = joinBytes([textField(1, 'body'), bytesField(6, inner)])
    const loop = decodeNode(
      joinBytes([
        textField(1, 'input_ids'),
        textField(2, 'logits'),
        textField(4, 'Loop'),
        bytesField(5, attribute),
      ]),
    )
    const make = (output: string) =>
      decodeNode(joinBytes([textField(1, 'input_ids'), textField(2, output), textField(4, 'Identity')]))
    const model = opened()
    const nodes = [make('captured'), make('unread'), loop]
    const outputs = model.graph.outputs.filter(({ name }) => name === 'logits')

    const pruned = prune({ ...model, graph: { ...model.graph, nodes, outputs } })

    expect(pruned.graph.nodes.flatMap((node) => node.outputs)).toEqual(['captured', 'logits'])
  })
})

describe('referenceWeights', () => {
  test('large weights become references to the very bytes of the file, small ones stay', () => {
    const referenced = referenceWeights(opened(), bytes, 'model.onnx')

    expect(encodeOnnx(referenced).length).toBeLessThan(bytes.length / 3)
    let checked = 0
    for (const [index, weight] of referenced.graph.initialisers.entries()) {
      const place = externalPlace(weight.bytes)
      const raw = rawData(opened().graph.initialisers[index]?.bytes ?? new Uint8Array(0))
      if (place === undefined) {
        expect(raw?.length ?? 0).toBeLessThan(1024)
        continue
      }
      checked += 1
      expect(place.location).toBe('model.onnx')
      expect(bytes.slice(place.offset, place.offset + place.length)).toEqual(raw?.slice())
    }
    expect(checked).toBeGreaterThan(10)
  })

  test('weights that are not of the file stay as they are', () => {
    const model = opened()

    expect(referenceWeights(model, bytes.slice(), 'model.onnx').graph.initialisers).toEqual(
      model.graph.initialisers,
    )
  })
})

function tensorFields(initialiser: Uint8Array) {
  const [field] = wireFields(initialiser)
  return [...wireFields(field?.payload ?? new Uint8Array(0))]
}

function rawData(initialiser: Uint8Array): Uint8Array | undefined {
  return tensorFields(initialiser).find(({ number }) => number === 9)?.payload
}

function externalPlace(initialiser: Uint8Array) {
  const entries = tensorFields(initialiser)
    .filter(({ number }) => number === 13)
    .map(({ payload }) => [...wireFields(payload)].map((part) => wireText(part.payload)))
  if (entries.length === 0) return undefined
  const found = Object.fromEntries(entries) as Record<string, string>
  return { location: found['location'], offset: Number(found['offset']), length: Number(found['length']) }
}

test('lengthOf counts the bytes of all pieces', () => {
  expect(lengthOf([new Uint8Array(3), new Uint8Array(0), new Uint8Array(4)])).toBe(7)
})
