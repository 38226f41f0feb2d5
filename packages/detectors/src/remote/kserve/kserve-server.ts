import type { EncoderManifest } from '@parapet/runtime'
import { z } from 'zod'
import { fault } from '../../errors/codes.ts'
import { type GuardedFetch, readJson } from '../service/guarded-fetch.ts'
import { type KeyOptions, readKey } from '../service/service-key.ts'

/** What a text encoder can be fed; a graph leaves out what it has no use for. */
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'] as const
type InputName = (typeof INPUTS)[number]

const tensor = z.object({ name: z.string(), datatype: z.string(), shape: z.array(z.coerce.number().int()) })
const metadata = z.object({ name: z.string(), inputs: z.array(tensor), outputs: z.array(tensor) })
const inference = z.object({
  model_name: z.string(),
  outputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.int().nonnegative()),
      data: z.array(z.union([z.number(), z.array(z.number())])),
    }),
  ),
})

/** Where a model is served. */
export interface ServedModel {
  readonly url: string
  readonly name: string
  readonly version: string | undefined
}

/** One model on a server that speaks the KServe v2 inference protocol (Open Inference Protocol), as JSON over HTTP. */
export interface KserveServer {
  /**
   * Asks what the model takes and gives, and holds it to the weights here.
   * @returns the inputs that it wants to be fed
   * @throws `PARAPET_REMOTE_MODEL_MISMATCH`, `PARAPET_REMOTE_…`
   */
  check(signal: AbortSignal): Promise<readonly InputName[]>
  /**
   * One pass over one window of token ids.
   * @returns float32[labels]
   * @throws `PARAPET_REMOTE_…`
   */
  infer(ids: readonly number[], inputs: readonly InputName[], signal: AbortSignal): Promise<Float32Array>
}

/** The server of one output of an encoder. */
export function kserveServer(
  detector: string,
  served: ServedModel,
  key: KeyOptions,
  { manifest, output }: { readonly manifest: EncoderManifest; readonly output: string },
  reach: GuardedFetch,
): KserveServer {
  const version = served.version === undefined ? '' : `/versions/${served.version}`
  const base = `${served.url}/v2/models/${served.name}${version}`
  const labels = manifest.outputs[output]?.labels.length ?? 0
  const malformed = (problem: string) => fault('PARAPET_REMOTE_ANSWER_MALFORMED', { detector, problem })
  const mismatch = (problem: string, expected: string) =>
    fault('PARAPET_REMOTE_MODEL_MISMATCH', { detector, problem, expected })

  async function ask(path: string, signal: AbortSignal, body?: object): Promise<unknown> {
    const secret = await readKey(detector, key)
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    }
    const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    return await readJson(detector, await reach(base + path, { ...request, headers, signal }))
  }

  return {
    async check(signal) {
      const parsed = metadata.safeParse(await ask('', signal))
      if (!parsed.success) throw malformed('it is no metadata of a model')
      const { inputs, outputs, name } = parsed.data
      if (name !== served.name) throw mismatch('the server names another', `"${served.name}"`)
      const fed = INPUTS.filter((known) => inputs.some((input) => input.name === known))
      if (fed.length < inputs.length || !fed.includes('input_ids')) {
        throw mismatch('its inputs have other names', `input_ids, and of ${INPUTS.join(', ')} no others`)
      }
      if (!inputs.every(({ datatype, shape }) => datatype === 'INT64' && isOneRow(shape))) {
        throw mismatch('its inputs have another type or shape', 'INT64[1, tokens], tokens left open')
      }
      const found = outputs.find((candidate) => candidate.name === output)
      if (!found) throw mismatch(`it has no output "${output}"`, `"${output}"`)
      const last = found.shape.at(-1)
      if (found.datatype !== 'FP32' || (last !== labels && last !== -1)) {
        throw mismatch(`its output "${output}" has another type or shape`, `FP32[1, ${labels}]`)
      }
      return fed
    },
    async infer(ids, inputs, signal) {
      const shape = [1, ids.length]
      const body = {
        inputs: inputs.map((name) => ({ name, datatype: 'INT64', shape, data: dataOf(name, ids) })),
        outputs: [{ name: output }],
      }
      const parsed = inference.safeParse(await ask('/infer', signal, body))
      if (!parsed.success) throw malformed('it is no inference')
      if (parsed.data.model_name !== served.name) {
        throw mismatch('the answer names another', `"${served.name}"`)
      }
      const found = parsed.data.outputs.find((candidate) => candidate.name === output)
      const data = found?.data.flat() ?? []
      const elements = found?.shape.reduce((product, size) => product * size, 1)
      if (found?.datatype !== 'FP32' || elements !== labels || data.length !== labels) {
        throw malformed(`it has no output "${output}" of FP32[1, ${labels}]`)
      }
      return Float32Array.from(data)
    },
  }
}

/** One text with any number of tokens: the server may leave the number of texts open. */
function isOneRow(shape: readonly number[]): boolean {
  const [texts, tokens] = shape
  return shape.length === 2 && (texts === -1 || texts === 1) && tokens === -1
}

function dataOf(name: InputName, ids: readonly number[]): readonly number[] {
  if (name === 'input_ids') return ids
  return ids.map(() => (name === 'attention_mask' ? 1 : 0))
}
