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
import { tinyDecoder, writeTinyDecoder } from '@parapet/runtime/testing'
import { encodeOnnx, type OnnxModel, openOnnx } from '../../src/graph/onnx-model.ts'
import { integerAttribute, makeNode, withInputs } from '../../src/graph/onnx-node.ts'
import { findField, wireFields } from '../../src/graph/wire.ts'
import { seededFloats } from '../../src/testing/onnx-builder.ts'

const HIDDEN = 32
const SLOW = 120_000
const random = seededFloats(7, HIDDEN)
const direction = random.map((value) => value / Math.hypot(...random))

let root: string
let host: ModelHost
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'parapet-sinks-'))
  host = createModelHost({ threads: 1, unresponsiveMs: SLOW })
})
afterAll(async () => {
  await host.close()
  await rm(root, { recursive: true })
})

async function modelOf(name: string, graph: Uint8Array, layout: 'genai' | 'plain'): Promise<DecoderModel> {
  await writeTinyDecoder(join(root, name), { layout, files: { 'model.onnx': graph }, manifest: { id: name } })
  return host.decoder(await openModelFolder(join(root, name), 'decoder'))
}

/** The tiny model, one token's embedding ten thousand times as long: a massive outlier wherever it stands. */
function withOutlier(token: number): Uint8Array {
  const bytes = tinyDecoder()
  const embedding = openOnnx(bytes, 'tiny').graph.initialisers.find(({ name }) => name === 'embedding')
  const [field] = wireFields(embedding?.bytes ?? bytes)
  const data = findField(field?.payload ?? bytes, 9)
  if (!data) throw new Error('the embedding has data')
  const row = new DataView(data.buffer, data.byteOffset + token * HIDDEN * 4, HIDDEN * 4)
  for (let index = 0; index < row.byteLength; index += 4)
    row.setFloat32(index, row.getFloat32(index, true) * 1e4, true)
  return bytes
}

describe('a massive outlier in the middle of a prompt', () => {
  const messages = [{ role: 'user' as const, content: 'bread and Z and milk' }]
  const rows = async (model: DecoderModel, spare: 'sinks' | 'first' | undefined) => {
    const sites = Array.from({ length: 50 }, (_, position) => ({ site: residPre(0), position }))
    const intervention = spare ? { erase: { direction }, spare } : {}
    const read = await model.read({ messages, sites, intervention })
    if (read.kind !== 'read') throw new Error('the prompt is short')
    return read.rows
  }
  const changed = (one: readonly Float32Array[], other: readonly Float32Array[]) =>
    one.flatMap((row, position) =>
      row.every((value, at) => value === other[position]?.[at]) ? [] : [position],
    )

  test(
    'is spared with the first token, and with "first" is not',
    async () => {
      const model = await modelOf('outlier', withOutlier('Z'.charCodeAt(0)), 'genai')
      const base = await rows(model, undefined)
      const norms = base.map((row) => Math.hypot(...row))
      const outlier = norms.indexOf(Math.max(...norms))

      const sparing = changed(base, await rows(model, 'sinks'))
      const first = changed(base, await rows(model, 'first'))

      expect(outlier).toBeGreaterThan(0)
      expect(sparing).toEqual(base.map((_, at) => at).filter((at) => at !== 0 && at !== outlier))
      expect(first).toEqual(base.map((_, at) => at).filter((at) => at !== 0))
    },
    SLOW,
  )

  test(
    'is the same whether the base was asked before or not',
    async () => {
      const graph = withOutlier('Z'.charCodeAt(0))
      const knowing = await modelOf('knowing', graph, 'genai')
      const fresh = await modelOf('fresh', graph, 'genai')
      const request = { messages, intervention: { erase: { direction } } }

      await knowing.firstToken({ messages })

      expect(await knowing.firstToken(request)).toEqual(await fresh.firstToken(request))
    },
    SLOW,
  )
})

/** The stream goes through half precision before block 2: what is erased comes back as rounding. */
function throughHalfPrecision(model: OnnxModel): OnnxModel {
  const stream = '/model/layers.2/input_layernorm/output_3'
  const half = makeNode('Cast', 'half', [stream], ['half'], { attributes: [integerAttribute('to', 10)] })
  const back = makeNode('Cast', 'back', ['half'], ['back'], { attributes: [integerAttribute('to', 1)] })
  const nodes = model.graph.nodes.map((node) =>
    withInputs(
      node,
      node.inputs.map((input) => (input === stream ? 'back' : input)),
    ),
  )
  return { ...model, graph: { ...model.graph, nodes: [...nodes, half, back] } }
}

test(
  'a graph whose edits do not hold is refused with the place: by the check, and when it is loaded',
  async () => {
    const graph = encodeOnnx(throughHalfPrecision(openOnnx(tinyDecoder('plain'), 'tiny')))
    const model = await modelOf('half', graph, 'plain')
    const messages = [{ role: 'user' as const, content: 'Hi' }]

    const checked = await model.verifyInterventions().catch((error: unknown) => error)
    const loaded = await model.firstToken({ messages }).catch((error: unknown) => error)

    for (const error of [checked, loaded]) {
      expect(error).toMatchObject({ code: 'PARAPET_MODEL_EDIT_UNVERIFIED', retryable: false })
    }
    expect((checked as Error).message).toContain('blocks.2.hook_resid_mid')
    expect((loaded as Error).message).toContain('blocks.3.hook_resid_pre')
    // What does not need the edits goes on working.
    expect((await model.generate({ messages, maxNewTokens: 2 }).finished).newTokens).toBeGreaterThan(0)
  },
  SLOW,
)
