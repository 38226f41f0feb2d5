import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import type { Decision } from '@parapet/sdk'

/** What the guard says in place of an answer, or of the rest of it. */
export interface Filtered {
  readonly decision: Decision
  readonly message: string
  readonly ticket?: string
}

export const FILTERED_FINISH: LanguageModelV4FinishReason = { unified: 'content-filter', raw: 'guardrail' }

export const UNKNOWN_USAGE: LanguageModelV4Usage = {
  inputTokens: { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: undefined, text: undefined, reasoning: undefined },
}

/** The id of the block that holds the message for end users. */
export const MESSAGE_ID = 'parapet'

/** What a caller learns of a decision: its id. The ticket stands at the answer, which servers see, and not at a part. */
export function decisionMetadata(decision: Decision, ticket?: string): SharedV4ProviderMetadata {
  return { parapet: { decisionId: decision.id, ...(ticket === undefined ? {} : { ticket }) } }
}

/** The message for end users as a block of its own, and the end of the answer. */
export function filteredParts(
  { decision, message, ticket }: Filtered,
  usage: LanguageModelV4Usage = UNKNOWN_USAGE,
): LanguageModelV4StreamPart[] {
  const providerMetadata = decisionMetadata(decision)
  return [
    { type: 'text-start', id: MESSAGE_ID, providerMetadata },
    { type: 'text-delta', id: MESSAGE_ID, delta: message },
    { type: 'text-end', id: MESSAGE_ID, providerMetadata },
    {
      type: 'finish',
      usage,
      finishReason: FILTERED_FINISH,
      providerMetadata: decisionMetadata(decision, ticket),
    },
  ]
}
