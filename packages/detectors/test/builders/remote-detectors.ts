import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Detector } from '@parapet/sdk'
import {
  huggingFaceClassifier,
  kserveClassifier,
  llamaGuard,
  llmJudge,
  openAIModeration,
  type RemoteOptions,
  servedRefusalDirection,
} from '../../src/remote/index.ts'
import type { Answer } from './scripted-server.ts'

/** A key that must show nowhere but in the header it is for. */
export const CANARY_KEY = 'sk-canary-key-0123456789'

/** One remote detector on a server of a test, and a server's sound answer to it. */
export interface RemoteCase {
  make(url: string, options?: RemoteOptions): Detector
  readonly sound: Answer
}

const key = () => CANARY_KEY

/** The code that a judge's instructions ask for. */
export function checkIn(body: string): string {
  return /\\?"check\\?":\\?"([0-9a-f]{8})\\?"/.exec(body)?.[1] ?? 'none'
}

const respond =
  (answerTo: (body: string) => unknown): Answer =>
  ({ body }, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answerTo(body)))
  }

export const chat = (content: string) => ({ choices: [{ message: { content }, finish_reason: 'stop' }] })

/** The facts that a server states of the model in a folder, and rows of its width. */
async function servedActivations(folder: string, method: string): Promise<object> {
  const written = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  const { id, files, layers, hidden } = written
  const config = JSON.parse(await readFile(join(folder, 'tokenizer_config.json'), 'utf8'))
  const sha256 = files['model.onnx'].sha256
  const row = Buffer.from(new Float32Array(hidden).fill(0.5).buffer).toString('base64')
  if (method === 'POST') return { sha256, tokens: 20, rows: [row, row, row] }
  const templateSha256 = createHash('sha256').update(config.chat_template).digest('hex')
  const tokenizerSha256 = files['tokenizer.json'].sha256
  return { model: { id, sha256, tokenizerSha256, templateSha256, layers, hidden } }
}

/** @param weights a folder of the tiny encoder @param decoder a folder of the tiny decoder */
export function remoteCases(
  weights: () => string,
  decoder: () => string,
): Readonly<Record<string, RemoteCase>> {
  const model = { model: 'm', key }
  return {
    'hugging-face': {
      make: (endpointUrl, options) =>
        huggingFaceClassifier({
          labels: { LABEL_0: null, LABEL_1: 'toxic' },
          model: 'owner/name',
          endpointUrl,
          key,
          ...options,
        }),
      sound: respond(() => [
        [
          { label: 'LABEL_1', score: 0.75 },
          { label: 'LABEL_0', score: 0.25 },
        ],
      ]),
    },
    moderation: {
      make: (baseUrl, options) =>
        openAIModeration({ baseUrl, model: 'm', categories: ['hate'], key, ...options }),
      sound: respond(() => ({ model: 'm', results: [{ category_scores: { hate: 0.75, newer: 0.1 } }] })),
    },
    kserve: {
      make: (url, options) =>
        kserveClassifier({
          url,
          measures: 'toxicity',
          labels: ['toxic', 'insult'],
          weights: weights() || tmpdir(),
          model: 'tiny',
          key,
          ...options,
        }),
      sound: ({ method }, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const ids = ['input_ids', 'attention_mask'].map((name) => ({
          name,
          datatype: 'INT64',
          shape: [-1, -1],
        }))
        const metadata = {
          name: 'tiny',
          inputs: ids,
          outputs: [{ name: 'toxicity', datatype: 'FP32', shape: [-1, 2] }],
        }
        const outputs = [{ name: 'toxicity', datatype: 'FP32', shape: [1, 2], data: [1.5, -2] }]
        response.end(JSON.stringify(method === 'GET' ? metadata : { model_name: 'tiny', outputs }))
      },
    },
    'served-refusal-direction': {
      make: (url, options) =>
        servedRefusalDirection({ url, weights: decoder() || tmpdir(), key, ...options }),
      sound: async ({ method }, response) => {
        const body = await servedActivations(decoder(), method)
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      },
    },
    'llm-judge': {
      make: (url, options) =>
        llmJudge({ model: { url, ...model }, rubric: { rude: 'Insults a person.' }, ...options }),
      sound: respond((body) => chat(JSON.stringify({ check: checkIn(body), scores: { rude: 0.75 } }))),
    },
    'llama-guard': {
      make: (url, options) => llamaGuard({ model: { url, ...model }, ...options }),
      sound: respond(() => chat('unsafe\nS1,S10')),
    },
  }
}
