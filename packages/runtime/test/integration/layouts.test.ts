import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  createModelHost,
  type DecoderModel,
  type ModelHost,
  openModelFolder,
  residPre,
} from '@parapet/runtime'
import fc from 'fast-check'
import { openOnnx } from '../../src/graph/onnx-model.ts'
import { findResidualStream } from '../../src/graph/residual-stream.ts'
import { seededFloats } from '../../src/testing/onnx-builder.ts'
import { LAYOUTS, type Layout, layoutFacts, layoutGraph, writeLayout } from '../layouts/layout-model.ts'

/** What the exporters call the stream: the embedding, the sum behind attention, and the sum behind the MLP. */
function namesOf(layout: Layout) {
  const [exporter] = layout.split('-')
  if (layout === 'optimum-gpt2') {
    return {
      embedding: /^\/transformer\/Add_1_output_0$/,
      mid: 'h.L/Add_output_0',
      post: 'h.L/Add_1_output_0',
    }
  }
  if (exporter === 'optimum') {
    const embedding = /^\/model\/(embed_tokens\/Gather|Mul\w*)_output_0$/
    return { embedding, mid: 'layers.L/Add_output_0', post: 'layers.L/Add_1_output_0' }
  }
  const mid = layout.includes('gemma') ? 'pre_feedforward_layernorm' : 'post_attention_layernorm'
  const embedding = /^\/model\/embed_tokens\/(Gather|GatherBlockQuantized|Mul)\/output_0$/
  return { embedding, mid: `layers.L/${mid}/output_3`, post: 'layers.M/input_layernorm/output_3' }
}

let root: string
let host: ModelHost
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-layouts-'))
  host = createModelHost({ threads: 1, unresponsiveMs: 120_000, loadTimeoutMs: 120_000 })
})
afterAll(async () => {
  await host.close()
  await rm(root, { recursive: true })
})

describe.each([...LAYOUTS])('%s', (layout) => {
  const { layers, hidden } = layoutFacts(layout)
  let model: DecoderModel

  beforeAll(async () => {
    const directory = join(root, layout)
    await writeLayout(directory, layout)
    model = host.decoder(await openModelFolder(directory, 'decoder'))
  })

  test('its stream is found where its exporter names it', () => {
    const { embedding, mid, post } = namesOf(layout)

    const stream = findResidualStream(openOnnx(layoutGraph(layout), layout).graph, layers, layout)

    expect(stream.embedding).toMatch(embedding)
    for (let block = 0; block < layers; block += 1) {
      const name = (pattern: string) => pattern.replace('L', `${block}`).replace('M', `${block + 1}`)
      expect(stream.mid[block]).toContain(name(mid))
      if (block + 1 < layers) expect(stream.pre[block + 1]).toContain(name(post))
    }
    expect(stream.writers).toHaveLength(2 * layers)
  })

  test('edits hold when they are run: nothing changed, all erased, added in place', async () => {
    const check = await model.verifyInterventions()

    expect(check).toMatchObject({ sites: 2 * layers + 1, positions: 12, identical: true })
    expect(check.leak).toBeLessThan(1e-6)
    expect(check.shift).toBeLessThan(1e-6)
  }, 240_000)

  test('answers, and answers the same in the edited graph', async () => {
    const request = { messages: [{ role: 'user' as const, content: 'Hi' }], maxNewTokens: 8 }

    const plain = await model.generate(request).finished

    expect(await model.generate({ ...request, intervention: {} }).finished).toEqual(plain)
  }, 240_000)

  test('any direction, strength, offset and vector: strength 0 is the file, the rest is what was asked', async () => {
    const numbers = fc.record({
      seed: fc.integer({ min: 1, max: 1e6 }),
      strength: fc.double({ min: 0.05, max: 1, noNaN: true }),
      offset: fc.double({ min: -2, max: 2, noNaN: true }),
      size: fc.double({ min: -4, max: 4, noNaN: true }),
      block: fc.integer({ min: 0, max: layers - 1 }),
      text: fc.string({ minLength: 3, maxLength: 12 }),
    })
    await fc.assert(
      fc.asyncProperty(numbers, async ({ seed, strength, offset, size, block, text }) => {
        const messages = [{ role: 'user' as const, content: `x${text}` }]
        const random = seededFloats(seed, hidden)
        const direction = random.map((value) => value / Math.hypot(...random))
        const vector = seededFloats(seed + 1, hidden, 2)
        const dot = (row: Float32Array) =>
          row.reduce((sum, value, part) => sum + value * (direction[part] ?? 0), 0)
        const sites = Array.from({ length: block + 1 }, (_, site) => ({ site: residPre(site), position: -1 }))
        const read = async (intervention?: Parameters<DecoderModel['read']>[0]['intervention']) => {
          const reading = await model.read({ messages, sites, ...(intervention && { intervention }) })
          if (reading.kind !== 'read') throw new Error('the prompt is short')
          // An int4 embedding has zeros, whose sign an edit of strength 0 may change: + 0 makes them one.
          return reading.rows.map((row) => row.map((value) => value + 0))
        }

        const base = await read({})
        const truncated = await read()
        const nothing = await read({ erase: { direction, strength: 0, offset }, spare: 'none' })
        const erased = await read({ erase: { direction, offset }, spare: 'none' })
        const [part] = await read({ erase: { direction, strength, offset }, spare: 'none' })
        const added = await read({ add: { vector, block, strength: size }, spare: 'none' })

        expect(nothing).toEqual(base)
        for (const [site, row] of base.entries()) {
          const scale = Math.hypot(...row) + 1
          // The truncated graph reads behind a cached prefix: the same but for rounding.
          for (const [index, value] of row.entries()) {
            expect(Math.abs((truncated[site]?.[index] ?? Number.NaN) - value) / scale).toBeLessThan(1e-4)
          }
          expect(Math.abs(dot(erased[site] ?? row) - offset) / scale).toBeLessThan(1e-5)
        }
        const [first] = base
        if (!first || !part) throw new Error('there is a block')
        expect(dot(part)).toBeCloseTo((1 - strength) * dot(first) + strength * offset, 4)
        for (const [site, row] of added.entries()) {
          if (site < block) expect(row).toEqual(base[site])
          else {
            const before = base[site] ?? row
            const scale = Math.hypot(...before) + Math.hypot(...vector)
            for (const [index, value] of row.entries()) {
              const expected = (before[index] ?? 0) + size * (vector[index] ?? 0)
              expect(Math.abs(value - expected) / scale).toBeLessThan(1e-5)
            }
          }
        }
      }),
      { numRuns: 4 },
    )
  }, 240_000)
})
