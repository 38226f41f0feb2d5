import { fault } from '../../errors/codes.ts'
import type { DirectionModel } from '../../refusal-direction/direction-schema.ts'
import type { ActivationsReader } from '../../refusal-direction/measure-direction.ts'
import type { RemoteCalls } from '../service/calls.ts'
import { type GuardedFetch, readJson } from '../service/guarded-fetch.ts'
import { type KeyOptions, readKey } from '../service/service-key.ts'
import {
  ACTIVATIONS_PATH,
  type ActivationsAsked,
  activationsRequest,
  readAnswer,
  servedModelSchema,
} from './activations-wire.ts'

/** A chat model on a server that gives out its hidden states. */
export interface ServedDecoderInput {
  readonly detector: string
  /** The server's address, before `/v1`. */
  readonly url: string
  readonly key: KeyOptions
  /** The model that the direction was made for: what the server must serve. */
  readonly model: DirectionModel
  /** Tokens of prompt and answer where a request sets no limit. */
  readonly maxTokens: number
  readonly reach: GuardedFetch
  readonly calls: RemoteCalls
}

/** Activations by HTTP, read like those of a model in a host. */
export interface ServedDecoder extends ActivationsReader {
  /**
   * Asks the server what it serves.
   * @throws `PARAPET_REMOTE_MODEL_MISMATCH` when that is another model, tokenizer or template; `PARAPET_REMOTE_…`
   */
  check(signal: AbortSignal): Promise<void>
}

/** What a server must agree on with the direction, in the words of both. */
const FACTS = [
  'sha256',
  'tokenizerSha256',
  'templateSha256',
  'layers',
  'hidden',
] as const satisfies readonly (keyof DirectionModel)[]

/**
 * Reads through a server.
 * @throws (from reading) `PARAPET_REMOTE_…`; `PARAPET_REMOTE_MODEL_MISMATCH` when the server has changed its model meanwhile
 */
export function servedDecoder(input: ServedDecoderInput): ServedDecoder {
  const { detector, key, model, reach, calls } = input
  const address = `${input.url}${ACTIVATIONS_PATH}`
  const malformed = (problem: string) => fault('PARAPET_REMOTE_ANSWER_MALFORMED', { detector, problem })
  const mismatch = (what: string, expected: string) =>
    fault('PARAPET_REMOTE_MODEL_MISMATCH', {
      detector,
      problem: `the server serves another ${what}`,
      expected,
    })

  async function ask(signal: AbortSignal, body?: object): Promise<unknown> {
    const secret = await readKey(detector, key)
    const headers = {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    }
    const request = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    return await readJson(detector, await reach(address, { ...request, headers, signal }))
  }

  async function read(asked: ActivationsAsked, signal = new AbortController().signal) {
    const body = activationsRequest(asked)
    const json = await calls.call((limited) => ask(limited, body), signal)
    const answer = readAnswer(json, asked, model.hidden)
    if (typeof answer === 'string') throw malformed(answer)
    if (answer.sha256 !== model.sha256) throw mismatch('sha256', `${model.sha256} (${model.id})`)
    return answer
  }

  return {
    async check(signal) {
      const parsed = servedModelSchema.safeParse(await calls.call(ask, signal))
      if (!parsed.success) throw malformed('it does not describe the model that it serves')
      for (const fact of FACTS)
        if (parsed.data.model[fact] !== model[fact]) throw mismatch(fact, `${model[fact]} (${model.id})`)
    },
    async read({ messages, sites, maxTokens = input.maxTokens, signal }) {
      const { tokens, read: given } = await read({ messages, sites, maxTokens }, signal)
      if (!given) return { kind: 'too-long', tokens }
      return { kind: 'read', tokens: given.tokens, rows: given.rows }
    },
    async readTokens({ messages, sites, readings, answer, maxTokens = input.maxTokens, signal }) {
      const asked = { messages, sites, readings, ...(answer === undefined ? {} : { answer }), maxTokens }
      const { tokens, read: given } = await read(asked, signal)
      return given ? { kind: 'read', reusedTokens: 0, ...given } : { kind: 'too-long', tokens }
    },
  }
}
