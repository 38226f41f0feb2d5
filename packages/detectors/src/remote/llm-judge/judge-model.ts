import type { JsonValue } from '@parapet/sdk'
import type { LanguageModel } from 'ai'
import { fault } from '../../errors/codes.ts'
import { type KeyOptions, readKey } from '../service/service-key.ts'
import { type ChatEndpoint, chatEndpoint } from './chat-endpoint.ts'

/** The model that judges: any of the AI SDK, or the address of a server that speaks OpenAI's chat. */
export type JudgeModel = LanguageModel | ChatEndpoint

/** A model, ready to be asked, and what is said of it. */
export interface ResolvedJudgeModel {
  readonly model: LanguageModel
  /** For the descriptor and the digest. */
  readonly facts: JsonValue
  readonly sendsTo: string
  /** Whether a key is needed that is not there. @throws `PARAPET_REMOTE_KEY_MISSING` */
  checkKey(): Promise<void>
}

const EXPECTED = 'a model of the AI SDK, its id as a text, or { url, model, keyEnv } of a chat endpoint'

/** Checks the option `model`. @throws `PARAPET_DETECTOR_OPTION_INVALID` */
export function resolveJudgeModel(detector: string, model: unknown): ResolvedJudgeModel {
  const checkKey = async () => {}
  if (typeof model === 'string' && /^[\w.:@/-]{1,200}$/.test(model)) {
    return { model, facts: model, sendsTo: 'the default provider of the AI SDK', checkKey }
  }
  const { provider, modelId, doGenerate } = (model ?? {}) as Readonly<Record<string, unknown>>
  if (typeof doGenerate === 'function' && typeof provider === 'string' && typeof modelId === 'string') {
    return { model: model as LanguageModel, facts: { provider, modelId }, sendsTo: provider, checkKey }
  }
  if (typeof model === 'object' && model !== null && 'url' in model) {
    const endpoint = model as ChatEndpoint
    const made = chatEndpoint(detector, endpoint)
    const { keyEnv }: KeyOptions = endpoint
    return {
      model: made,
      facts: { url: made.url, model: endpoint.model, ...(keyEnv === undefined ? {} : { keyEnv }) },
      sendsTo: new URL(made.url).origin,
      async checkKey() {
        await readKey(detector, endpoint)
      },
    }
  }
  const received = model === undefined ? 'missing' : 'something else'
  throw fault('PARAPET_DETECTOR_OPTION_INVALID', { detector, option: 'model', received, expected: EXPECTED })
}
