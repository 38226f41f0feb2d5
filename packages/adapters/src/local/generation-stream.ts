import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider'
import type { Finished, Generation } from '@parapet/runtime'

const FINISH = { end: 'stop', 'stop-text': 'stop', 'max-tokens': 'length' } as const

export const finishOf = ({ reason }: Finished): LanguageModelV4FinishReason => ({
  unified: FINISH[reason],
  raw: reason,
})

export const usageOf = ({ promptTokens, reusedTokens, newTokens }: Finished): LanguageModelV4Usage => ({
  inputTokens: {
    total: promptTokens,
    noCache: promptTokens - reusedTokens,
    cacheRead: reusedTokens,
    cacheWrite: undefined,
  },
  outputTokens: { total: newTokens, text: newTokens, reasoning: undefined },
})

const TEXT_ID = '0'

/** An answer being written, as parts: one block of text. `before` goes out first. */
async function* partsOf(
  generation: Generation,
  before: readonly LanguageModelV4StreamPart[],
): AsyncGenerator<LanguageModelV4StreamPart> {
  yield* before
  yield { type: 'text-start', id: TEXT_ID }
  for await (const { text } of generation)
    if (text !== '') yield { type: 'text-delta', id: TEXT_ID, delta: text }
  const finished = await generation.finished
  yield { type: 'text-end', id: TEXT_ID }
  yield { type: 'finish', finishReason: finishOf(finished), usage: usageOf(finished) }
}

/**
 * Streams an answer. It is read as the caller reads; a caller that cancels aborts it in the host.
 * An answer that fails gives an `error` part and ends; one that was aborted errors the stream with the abort's reason.
 */
export function generationStream(
  generation: Generation,
  before: readonly LanguageModelV4StreamPart[],
  { signal, abort }: { readonly signal: AbortSignal; readonly abort: (reason: unknown) => void },
): ReadableStream<LanguageModelV4StreamPart> {
  const parts = partsOf(generation, before)
  return new ReadableStream<LanguageModelV4StreamPart>(
    {
      async pull(controller) {
        try {
          const { done, value } = await parts.next()
          if (done) controller.close()
          else controller.enqueue(value)
        } catch (error) {
          if (signal.aborted) return controller.error(signal.reason)
          controller.enqueue({ type: 'error', error })
          controller.close()
        }
      },
      cancel: abort,
    },
    { highWaterMark: 0 },
  )
}
