import type { ProviderCall } from '../answer/provider-call.ts'
import { answerLimits, createBodyReader } from '../wire/body-reader.ts'
import type { ResolvedProviderOptions } from '../wire/provider-options.ts'
import { withinSilence } from '../wire/within-silence.ts'

/**
 * A `fetch` whose answers end where they are too large, or too slow: the client itself waits for ever.
 * @throws PARAPET_ADAPTER_PROVIDER_STALLED, and its bodies that and PARAPET_ADAPTER_TOO_LARGE
 */
export function boundedFetch(
  fetch: typeof globalThis.fetch,
  options: ResolvedProviderOptions,
  call: ProviderCall,
): typeof globalThis.fetch {
  return async (input, init) => {
    const response = await withinSilence(fetch(input, init), options.stallMs)
    if (!response.body) return response
    const reader = createBodyReader(response.body, answerLimits(options), call)
    const body = new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          try {
            const bytes = await reader.read()
            if (bytes) controller.enqueue(bytes)
            else controller.close()
          } catch (error) {
            reader.cancel()
            controller.error(error)
          }
        },
        cancel: () => reader.cancel(),
      },
      { highWaterMark: 0 },
    )
    const { status, statusText, headers } = response
    return new Response(body, { status, statusText, headers })
  }
}
