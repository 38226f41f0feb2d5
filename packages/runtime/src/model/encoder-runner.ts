import { fault } from '../errors/codes.ts'
import type { EncoderReading } from '../host/encoder-model.ts'
import { openEncoderWindows } from './encoder-windows.ts'
import type { EncoderModelFolder } from './model-folder.ts'
import { type OnnxSession, openOnnxSession, type Tensors } from './onnx-session.ts'
import { DEFAULT_MAX_TOKENS, type Work } from './work.ts'

/** A loaded text encoder. */
export interface EncoderRunner {
  /** Reads texts, one window a step. */
  read(request: { texts: readonly string[]; maxTokens?: number | undefined }): Work<EncoderReading[]>
  dispose(): Promise<void>
}

/** Loads a text encoder: its tokenizer and its graph. */
export async function openEncoder(folder: EncoderModelFolder, threads: number): Promise<EncoderRunner> {
  const { manifest } = folder
  const reader = await openEncoderWindows(folder)
  const session = await openOnnxSession(folder, { threads })
  checkOutputs(session, folder)
  async function* readText(text: string, maxTokens: number): Work<EncoderReading> {
    const cut = reader.cut(text, maxTokens)
    if (cut.kind === 'too-long') return cut
    const { tokens, unknownTokens, windows } = cut
    const outputs: Record<string, Float32Array[]> = {}
    for (const window of windows) {
      yield
      // One window a pass, without padding: dynamic quantisation takes its range over the whole pass,
      // so a text's numbers would depend on what happened to stand beside it.
      const results = await session.run(
        feedsOf(window, session),
        Object.fromEntries(Object.keys(manifest.outputs).map((name) => [name, null])),
      )
      for (const [name, { labels }] of Object.entries(manifest.outputs)) {
        outputs[name] = [...(outputs[name] ?? []), rowOf(results, name, labels.length, manifest.id)]
      }
    }
    return { kind: 'read', tokens, unknownTokens, windows: windows.length, outputs }
  }

  return {
    async *read({ texts, maxTokens = DEFAULT_MAX_TOKENS }) {
      const readings: EncoderReading[] = []
      for (const text of texts) {
        yield
        readings.push(yield* readText(text, maxTokens))
      }
      return readings
    },
    dispose: () => session.dispose(),
  }
}

function checkOutputs(session: OnnxSession, { manifest }: EncoderModelFolder): void {
  for (const output of Object.keys(manifest.outputs)) {
    const type = session.typeOf(output)
    if (session.outputNames.includes(output) && type === 'float32') continue
    const received = session.outputNames.includes(output) ? `of type ${type}` : 'missing in the graph'
    throw fault('PARAPET_MODEL_OUTPUT_MALFORMED', {
      model: manifest.id,
      output,
      received,
      expected: 'float32[1, labels]',
    })
  }
}

function feedsOf(ids: readonly number[], session: OnnxSession): Tensors {
  const length = ids.length
  const make = (data: BigInt64Array) => new session.tensors('int64', data, [1, length])
  const feeds: Record<string, Tensors[string]> = {}
  for (const name of session.inputNames) {
    if (name === 'input_ids') feeds[name] = make(BigInt64Array.from(ids, BigInt))
    else if (name === 'attention_mask') feeds[name] = make(new BigInt64Array(length).fill(1n))
    else if (name === 'token_type_ids') feeds[name] = make(new BigInt64Array(length))
  }
  return feeds
}

function rowOf(results: Tensors, output: string, labels: number, model: string): Float32Array {
  const data = results[output]?.data
  if (data instanceof Float32Array && data.length === labels && data.every(Number.isFinite))
    return data.slice()
  const received = data instanceof Float32Array ? `${data.length} numbers, not all finite` : 'not float32'
  throw fault('PARAPET_MODEL_OUTPUT_MALFORMED', {
    model,
    output,
    received,
    expected: `${labels} finite numbers, one for each label`,
  })
}
