import type { BaseAnthropic, ClientOptions } from '@anthropic-ai/sdk'
import type { Guard } from '@parapet/sdk'
import { adapterError } from '../errors/codes.ts'
import { type ProviderOptions, resolveProviderOptions } from '../wire/provider-options.ts'
import { judgingMiddleware } from './judging-middleware.ts'

/**
 * Guards a client of `@anthropic-ai/sdk`: gives a client of the same type, with the same key, base URL, retries and
 * `fetch`. The client that was given stays as it is.
 *
 * `messages.create`, `stream` and `parse`, and `beta.messages` with them, are judged: the request before the provider is
 * called, the answer before any of it reaches the caller, raw responses too. A block ends the answer with the policy's
 * message as a block of text and the stop reason `refusal`; a hold that was not decided in time does too, with a ticket.
 * `decisionOf` reads both. Whom a call is for is said by `parapet(…)` in its request options.
 *
 * Calls that nothing can judge (batches, threads, agents, downloads) are refused. System texts and tool definitions are
 * the developer's own.
 * @throws PARAPET_ADAPTER_OPTIONS; calls reject with PARAPET_ADAPTER_REQUEST_REFUSED, PARAPET_ADAPTER_CONTEXT_INVALID,
 * PARAPET_ADAPTER_PART_UNKNOWN, PARAPET_ADAPTER_ANSWER_MALFORMED, PARAPET_ADAPTER_TOO_LARGE,
 * PARAPET_ADAPTER_PROVIDER_STALLED, PARAPET_ADAPTER_STREAM_ENDED, the guard's errors and the provider's
 */
export function guardAnthropic<Client extends BaseAnthropic>(
  client: Client,
  guard: Guard,
  options: ProviderOptions = {},
): Client {
  const judging = judgingMiddleware(guard, resolveProviderOptions('guardAnthropic', options))

  /** Before every other middleware: what stands outside sees only what was released, and none can retry a block. */
  function guarded(
    unguarded: Client,
    own: ClientOptions['middleware'],
    changes: Partial<ClientOptions>,
  ): Client {
    const middleware = [judging, ...(own ?? [])]
    const copy = unguarded.withOptions({ ...changes, middleware }) as Client
    // A client that knows no middleware drops it without a word.
    if (copy.middleware?.[0] !== judging)
      throw adapterError('PARAPET_ADAPTER_OPTIONS', {
        adapter: 'guardAnthropic',
        problems: ['the client knows no middleware, which @anthropic-ai/sdk has since 1.12'],
      })
    Object.defineProperties(copy, {
      middleware: { value: Object.freeze(middleware), writable: false },
      withOptions: {
        value: ({ middleware: given, ...others }: Partial<ClientOptions>) =>
          guarded(unguarded, given ?? own, { ...changes, ...others }),
      },
    })
    return copy
  }
  return guarded(client, client.middleware, {})
}
