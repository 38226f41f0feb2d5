import type { LanguageModel } from 'ai'
import { z } from 'zod'
import { fault } from '../../errors/codes.ts'
import { checkEndpoint } from '../service/endpoint.ts'
import { guardedFetch, readJson } from '../service/guarded-fetch.ts'
import { checkOptions, textOption } from '../service/option-check.ts'
import { hasKey, KEY_CHECKS, type KeyOptions, readKey } from '../service/service-key.ts'

type LanguageModelV4 = Extract<LanguageModel, { readonly specificationVersion: 'v4' }>
type CallOptions = Parameters<LanguageModelV4['doGenerate']>[0]

/** A server that speaks OpenAI's chat completions (vLLM, llama.cpp, Ollama and others): what a policy in JSON can name. */
export interface ChatEndpoint extends KeyOptions {
  /** The address that `/chat/completions` is put behind, such as `http://localhost:8000/v1`. */
  readonly url: string
  /** The model's name on that server. */
  readonly model: string
}

const completion = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
})

const FINISHES = { stop: 'stop', length: 'length', content_filter: 'content-filter' } as const

/**
 * A language model for judging: whole answers, text alone, from one address, with bounded answers and no redirects.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its answers `PARAPET_REMOTE_…`
 */
export function chatEndpoint(
  detector: string,
  endpoint: ChatEndpoint,
): LanguageModelV4 & { readonly url: string } {
  const checks = {
    ...KEY_CHECKS,
    url: textOption('an address'),
    model: textOption('the name of a model', 200),
  }
  checkOptions(detector, endpoint, checks, ['url', 'model'])
  const url = checkEndpoint(detector, 'model.url', endpoint.url, hasKey(detector, endpoint))
  const reach = guardedFetch(detector, [new URL(url).origin])

  return {
    specificationVersion: 'v4',
    provider: 'parapet.chat-endpoint',
    modelId: endpoint.model,
    supportedUrls: {},
    url,
    async doGenerate(options) {
      const key = await readKey(detector, endpoint)
      const headers = {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      }
      const body = JSON.stringify(requestOf(endpoint.model, options))
      const signal = options.abortSignal ?? null
      const response = await reach(`${url}/chat/completions`, { method: 'POST', headers, body, signal })
      const parsed = completion.safeParse(await readJson(detector, response))
      const choice = parsed.data?.choices[0]
      if (!choice) {
        const problem = 'it is no chat completion'
        throw fault('PARAPET_REMOTE_ANSWER_MALFORMED', { detector, problem })
      }
      const raw = choice.finish_reason ?? undefined
      const unified = Object.hasOwn(FINISHES, raw ?? '') ? FINISHES[raw as keyof typeof FINISHES] : 'other'
      return {
        content: [{ type: 'text', text: choice.message.content ?? '' }],
        finishReason: { unified, raw },
        usage: {
          inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
          outputTokens: { total: undefined, text: undefined, reasoning: undefined },
        },
        warnings: [],
      }
    },
    doStream() {
      throw new TypeError('A judge is asked for whole answers.')
    },
  }
}

function requestOf(model: string, options: CallOptions): object {
  const { prompt, temperature, seed, maxOutputTokens, responseFormat } = options
  const schema = responseFormat?.type === 'json' ? responseFormat.schema : undefined
  return {
    model,
    messages: prompt.map(({ role, content }) => ({
      role,
      content:
        typeof content === 'string'
          ? content
          : content.map((part) => (part.type === 'text' ? part.text : '')).join('\n'),
    })),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
    ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }),
    ...(schema === undefined
      ? {}
      : { response_format: { type: 'json_schema', json_schema: { name: 'verdict', strict: true, schema } } }),
  }
}
