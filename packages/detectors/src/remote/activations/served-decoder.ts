import type { ChatMessage, DecoderReading, ReadSite } from '@parapet/runtime'
import { fault } from '../../errors/codes.ts'
import type { DirectionModel } from '../../refusal-direction/direction-schema.ts'
import type { RemoteCalls } from '../service/calls.ts'
import { type GuardedFetch, readJson } from '../service/guarded-fetch.ts'
import { type KeyOptions, readKey } from '../service/service-key.ts'
import { ACTIVATIONS_PATH, activationsRequest, readAnswer, servedModelSchema } from './activations-wire.ts'

/** A chat model on a server that gives out its hidden states. */
export interface ServedDecoderInput {
  readonly detector: string
  /** The server's address, before `/v1`. */
  readonly url: string
  readonly key: KeyOptions
  /** The model that the direction was made for: what the server must serve. */
  readonly model: DirectionModel
  readonly reach: GuardedFetch
  readonly calls: RemoteCalls
}

/** Activations by HTTP, read like those of a model in a host. */
export interface ServedDecoder {
  /**
   * Asks the server what it serves.
   * @throws `PARAPET_REMOTE_MODEL_MISMATCH` when that is another model, tokenizer or template; `PARAPET_REMOTE_…`
   */
  check(signal: AbortSignal): Promise<void>
  /** @throws `PARAPET_REMOTE_…`; `PARAPET_REMOTE_MODEL_MISMATCH` when the server has changed its model meanwhile */
  read(request: ServedRead): Promise<DecoderReading>
}

/** What is read of one conversation. */
export interface ServedRead {
  readonly messages: readonly ChatMessage[]
  readonly sites: readonly ReadSite[]
  readonly maxTokens: number
  readonly addGenerationPrompt?: boolean
  readonly signal: AbortSignal
}

/** What a server must agree on with the direction, in the words of both. */
const FACTS = [
  'sha256',
  'tokenizerSha256',
  'templateSha256',
  'layers',
  'hidden',
] as const satisfies readonly (keyof DirectionModel)[]

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

  return {
    async check(signal) {
      const parsed = servedModelSchema.safeParse(await calls.call(ask, signal))
      if (!parsed.success) throw malformed('it does not describe the model that it serves')
      for (const fact of FACTS)
        if (parsed.data.model[fact] !== model[fact]) throw mismatch(fact, `${model[fact]} (${model.id})`)
    },
    async read({ messages, sites, maxTokens, addGenerationPrompt, signal }) {
      const body = activationsRequest(messages, sites, { maxTokens, addGenerationPrompt })
      const answer = readAnswer(
        await calls.call((limited) => ask(limited, body), signal),
        sites.length,
        model.hidden,
      )
      if ('problem' in answer) throw malformed(answer.problem)
      if (answer.sha256 !== model.sha256) throw mismatch('sha256', `${model.sha256} (${model.id})`)
      return answer.reading
    },
  }
}
