import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from '@jest/globals'
import { calibrationFile, detectorCalibration } from './calibration-builder.ts'
import { directionFile, directionMetadata } from './direction-builder.ts'

export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** Files by name; `undefined` leaves one out. */
export type Files = Readonly<Record<string, Uint8Array | string | undefined>>

const made: string[] = []
afterAll(() => Promise.all(made.map((folder) => rm(folder, { recursive: true }))))

/** Writes a weights package with true digests into a temporary folder, gone after the tests. */
export async function weightsFolder(facts: object, files: Files): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parapet-weights-'))
  made.push(folder)
  const listed: Record<string, { sha256: string; bytes: number }> = {}
  for (const [name, content] of Object.entries(files)) {
    if (content === undefined) continue
    const bytes = Buffer.from(content)
    await writeFile(join(folder, name), bytes)
    listed[name] = { sha256: sha256(bytes), bytes: bytes.length }
  }
  const shared = { schema: 'parapet.model/1', version: '0.1.0', licence: 'Apache-2.0', files: listed }
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...shared, ...facts }))
  return folder
}

const GRAPH = 'a graph, for tests that never run it'

/** A text encoder whose graph is never run: outputs toxicity (toxic, insult) and sentiment. */
export function encoderFolder(files: Files = {}, facts: object = {}): Promise<string> {
  const outputs = {
    toxicity: { labels: ['toxic', 'insult'] },
    sentiment: { labels: ['negative', 'neutral', 'positive'] },
  }
  const calibration = calibrationFile(sha256(GRAPH), {
    toxicity: detectorCalibration(outputs.toxicity.labels),
    sentiment: detectorCalibration(outputs.sentiment.labels),
  })
  return weightsFolder(
    { id: 'tiny-encoder', kind: 'encoder', outputs, windowTokens: 16, strideTokens: 8, ...facts },
    {
      'model.onnx': GRAPH,
      'tokenizer.json': '{}',
      'calibration.json': JSON.stringify(calibration),
      ...files,
    },
  )
}

const TEMPLATE = '{{ messages[0].content }}'

/** What a direction must say to fit `decoderFolder`. */
export const decoderIdentity = {
  id: 'tiny-decoder',
  sha256: sha256(GRAPH),
  tokenizerSha256: sha256('{}'),
  templateSha256: sha256(TEMPLATE),
  layers: 4,
  hidden: 3,
}

/** A chat model whose graph is never run: 4 layers, width 3, with a direction that fits it. */
export function decoderFolder(files: Files = {}): Promise<string> {
  const calibration = calibrationFile(sha256(GRAPH), {
    'refusal-direction': detectorCalibration(['harmful', 'harmfulness', 'refusal'], {}, { kind: 'none' }),
  })
  return weightsFolder(
    {
      id: 'tiny-decoder',
      kind: 'decoder',
      chat: { eosTokenIds: [2] },
      layers: 4,
      hidden: 3,
      vocabulary: 16,
      kvHeads: 1,
      headSize: 3,
      contextTokens: 64,
    },
    {
      'model.onnx': GRAPH,
      'tokenizer.json': '{}',
      'tokenizer_config.json': JSON.stringify({ chat_template: TEMPLATE }),
      'calibration.json': JSON.stringify(calibration),
      'direction.safetensors': directionFile({ metadata: directionMetadata({ model: decoderIdentity }) }),
      ...files,
    },
  )
}
