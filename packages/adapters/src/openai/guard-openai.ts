import type { Guard } from '@parapet/sdk'
import type OpenAI from 'openai'
import { adapterError } from '../errors/codes.ts'
import { guardedFetch } from '../openai-wire/guarded-fetch.ts'
import type { Fetch } from '../openai-wire/wire-request.ts'
import { faultsAsResponses } from './faults-as-responses.ts'
import type { GuardOpenAIOptions } from './options.ts'

type Options = Parameters<OpenAI['withOptions']>[0]
type MakeStatusError = (status: number, error: unknown, message: unknown, headers: unknown) => Error

/** A copy of the client, which takes a fetch of ours in the place of its own. */
function copyOf<Client extends OpenAI>(client: Client): { readonly copy: Client; readonly own: Fetch } {
  const own: unknown = Reflect.get(client, 'fetch')
  if (typeof own !== 'function')
    throw adapterError('PARAPET_ADAPTER_CLIENT_UNGUARDABLE', { why: 'it has no fetch of its own' })
  try {
    // Also asks whether the client lets its fetch be replaced at all: one with X.509 credentials does not.
    client.withOptions({ fetch: own as NonNullable<Options['fetch']> })
    return { copy: client.withOptions({}), own: own as Fetch }
  } catch (cause) {
    const why = 'it takes no other fetch'
    throw adapterError('PARAPET_ADAPTER_CLIENT_UNGUARDABLE', { why }, { cause })
  }
}

/**
 * Guards a client of `openai`: the result has the client's type, base URL, key, retries, timeouts and fetch, and the
 * client itself stays as it was.
 *
 * The guard stands around fetch, so every way to `POST …/chat/completions` and `POST …/responses` is judged: `create`,
 * `parse`, `stream`, `runTools`, `withResponse`, `asResponse`, and the clients that `withOptions` makes. Other routes
 * pass where they give no text, and are refused otherwise. A block ends a choice with the policy's message and
 * `finish_reason: 'content_filter'`, and a response with `status: 'incomplete'` for `content_filter`.
 *
 * It does not judge system and developer messages, `instructions` and tools: they are the developer's own. It does not
 * reach WebSockets. Waiting for a reviewer counts against the client's timeout.
 * @throws PARAPET_ADAPTER_OPTIONS, PARAPET_ADAPTER_CLIENT_UNGUARDABLE; calls reject with the errors of `guardedFetch`,
 * never tried again, and with the client's own
 */
export function guardOpenAI<Client extends OpenAI>(
  client: Client,
  guard: Guard,
  options: GuardOpenAIOptions = {},
): Client {
  const { copy, own } = copyOf(client)
  const { fetch, faultOf } = faultsAsResponses(own, (watched) =>
    guardedFetch(guard, watched, { ...options, faults: 'throw' }),
  )
  const makeStatusError = Reflect.get(copy, 'makeStatusError') as unknown as MakeStatusError

  const replaced = {
    fetch,
    /** The client asks for the error behind a response that is no success. */
    makeStatusError: (...given: Parameters<MakeStatusError>): unknown =>
      faultOf(given[3]) ?? makeStatusError.apply(copy, given),
    /** Made of the client that was given, so that its own rules for copies hold; and guarded again. */
    withOptions: (other: Options): Client => guardOpenAI(client.withOptions(other), guard, options),
  }
  for (const [name, value] of Object.entries(replaced))
    Object.defineProperty(copy, name, { value, writable: true, configurable: true, enumerable: false })
  return copy
}
