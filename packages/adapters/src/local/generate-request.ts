import type { LanguageModelV4CallOptions, SharedV4Warning } from '@ai-sdk/provider'
import type { GenerateRequest } from '@parapet/runtime'
import { adapterError } from '../errors/codes.ts'
import { chatMessages } from './chat-messages.ts'

/** A call as the runtime takes it, and what of the call it cannot do. */
export interface LocalRequest {
  readonly request: GenerateRequest
  readonly warnings: SharedV4Warning[]
}

/** Translates a call. @throws PARAPET_ADAPTER_UNSUPPORTED for what cannot be left out: media, tool results, a required tool */
export function generateRequest(call: LanguageModelV4CallOptions, maxOutputTokens: number): LocalRequest {
  const { temperature = 0, topP, seed, stopSequences, abortSignal, toolChoice } = call
  if (toolChoice?.type === 'required' || toolChoice?.type === 'tool')
    throw adapterError('PARAPET_ADAPTER_UNSUPPORTED', {
      feature: 'tools',
      instead: 'Leave toolChoice out, or ask a model that calls tools.',
    })
  const { messages, warnings } = chatMessages(call.prompt)
  return {
    request: {
      messages,
      maxNewTokens: call.maxOutputTokens ?? maxOutputTokens,
      temperature,
      ...(topP === undefined ? {} : { topP }),
      ...(seed === undefined ? {} : { seed }),
      ...(stopSequences && stopSequences.length > 0 ? { stop: stopSequences } : {}),
      ...(abortSignal ? { signal: abortSignal } : {}),
    },
    warnings: [...warnings, ...settingWarnings(call)],
  }
}

function settingWarnings(call: LanguageModelV4CallOptions): SharedV4Warning[] {
  const { topK, presencePenalty, frequencyPenalty, responseFormat, tools, reasoning, topP, temperature } =
    call
  const ignored: readonly (readonly [boolean, string, string])[] = [
    [topK !== undefined, 'topK', 'Use topP.'],
    [presencePenalty !== undefined, 'presencePenalty', 'It is left out.'],
    [frequencyPenalty !== undefined, 'frequencyPenalty', 'It is left out.'],
    [responseFormat?.type === 'json', 'responseFormat', 'The answer is text, and may be no JSON.'],
    [tools !== undefined && tools.length > 0, 'tools', 'The model does not see them.'],
    [
      reasoning !== undefined && reasoning !== 'none' && reasoning !== 'provider-default',
      'reasoning',
      'The model does not reason apart from its answer.',
    ],
    [
      topP !== undefined && (temperature ?? 0) === 0,
      'topP',
      'The likeliest token is taken each time: set a temperature over 0.',
    ],
  ]
  return ignored.flatMap(([applies, feature, details]) =>
    applies ? [{ type: 'unsupported' as const, feature, details }] : [],
  )
}
