import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'
import { tinyDecoder, tinyEncoder, writeTinyDecoder, writeTinyEncoder } from '@parapet/runtime/testing'
import { calibrationFile, detectorCalibration } from './calibration-builder.ts'
import { directionMetadata, safetensorsOf } from './direction-builder.ts'

const made: string[] = []
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))))

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parapet-tiny-'))
  made.push(folder)
  return folder
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** Files that replace those of a tiny model; digests follow. */
type Files = Readonly<Record<string, Uint8Array | object>>

/** A tiny text encoder that runs, calibrated: toxicity (toxic, insult) and sentiment. */
export async function tinyEncoderWeights(files: Files = {}): Promise<string> {
  const folder = await temporaryFolder()
  const graph = (files['model.onnx'] as Uint8Array | undefined) ?? tinyEncoder()
  const calibration = calibrationFile(sha256(graph), {
    toxicity: detectorCalibration(['toxic', 'insult']),
    sentiment: detectorCalibration(['negative', 'neutral', 'positive'], {}, { kind: 'temperature', t: 1 }),
  })
  await writeTinyEncoder(folder, {
    files: { 'model.onnx': graph, 'calibration.json': calibration, ...files },
  })
  return folder
}

const LAYERS = 4
const HIDDEN = 32

/** A tiny chat model that runs, with a direction that fits it: of the template's places, or of every token too. */
export async function tinyDecoderWeights(
  files: Files = {},
  { everyToken = false }: { readonly everyToken?: boolean } = {},
): Promise<string> {
  const folder = await temporaryFolder()
  const graph = (files['model.onnx'] as Uint8Array | undefined) ?? tinyDecoder()
  // Written once to learn the digests of its tokenizer and template, which the direction has to name.
  await writeTinyDecoder(folder)
  const config = JSON.parse(await readFile(join(folder, 'tokenizer_config.json'), 'utf8'))
  const model = {
    id: 'tiny-decoder',
    sha256: sha256(graph),
    tokenizerSha256: sha256(await readFile(join(folder, 'tokenizer.json'))),
    templateSha256: sha256(config.chat_template),
    layers: LAYERS,
    hidden: HIDDEN,
  }
  const row = (seed: number) => Array.from({ length: HIDDEN }, (_, i) => Math.sin(seed + i))
  const ofTokens = {
    site: 'blocks.2.hook_resid_pre',
    transform: { dropDimensions: [3], normalise: 'l2' },
    windowTokens: 4,
    scale: 1,
    bias: 0,
  }
  const tokens = everyToken && {
    tokens: ofTokens,
    answer: { ...ofTokens, combine: { answer: 1, prompt: 0.5, bias: 0 } },
    combine: { harmfulness: 0.25, refusal: 0.25, tokens: 1, bias: 0 },
  }
  const direction = safetensorsOf(
    {
      ...(everyToken && {
        'tokens.weight': { shape: [HIDDEN], values: row(4) },
        'answer.weight': { shape: [HIDDEN], values: row(5) },
      }),
      direction: { shape: [HIDDEN], values: row(0) },
      'harmfulness.weight': { shape: [1, HIDDEN], values: row(1) },
      'refusal.weight': { shape: [2, HIDDEN], values: [...row(2), ...row(3)] },
    },
    {
      parapet: JSON.stringify(
        directionMetadata({ model, coverage: { languages: ['en'], maxTokens: 512 }, ...tokens }),
      ),
    },
  )
  const coverage = { languages: ['en'], maxTokens: 512, minCharacters: 0 }
  const calibration = calibrationFile(model.sha256, {
    'refusal-direction': detectorCalibration(['harmful'], { coverage }, { kind: 'none' }),
  })
  await writeTinyDecoder(folder, {
    files: {
      'model.onnx': graph,
      'direction.safetensors': direction,
      'calibration.json': calibration,
      ...files,
    },
  })
  return folder
}

/** The graph with the first number of a weight made NaN. */
export function poisoned(graph: Uint8Array, weight: string): Uint8Array {
  const bytes = Buffer.from(graph)
  // A TensorProto's raw data (field 9, tag 0x4a) stands behind its name.
  const named = bytes.indexOf(Buffer.concat([Buffer.from(weight), Buffer.of(0x4a)]))
  if (named < 0) throw new Error(`no weight ${weight}`)
  let data = named + weight.length + 1
  while ((bytes[data] ?? 0) >= 0x80) data += 1
  bytes.writeFloatLE(Number.NaN, data + 1)
  return bytes
}
