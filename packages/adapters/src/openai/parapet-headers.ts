import { type ParapetCallOptions, requestContext } from '../answer/request-context.ts'
import { adapterError } from '../errors/codes.ts'
import { CALL_HEADERS } from '../openai-wire/call-headers.ts'

const PRINTABLE = /^[!-~]([ -~]*[!-~])?$/

/**
 * Headers that say whom a call is for: `client.chat.completions.create(body, { headers: parapetHeaders({ tenant }) })`.
 * They go with the one call, through every method and each of its retries, and the provider never sees them.
 * @throws PARAPET_ADAPTER_CONTEXT_INVALID for unknown keys, and values that are no printable ASCII of 1 to 300 characters
 */
export function parapetHeaders(options: ParapetCallOptions): Record<string, string> {
  const { context, grant } = requestContext(options, 'parapetHeaders')
  const given = Object.entries({ ...context, grant }).filter(([, value]) => value !== undefined)
  const unprintable = given.find(([, value]) => !PRINTABLE.test(String(value)))
  if (unprintable)
    throw adapterError('PARAPET_ADAPTER_CONTEXT_INVALID', {
      where: 'parapetHeaders',
      problems: [`${unprintable[0]}: expected printable ASCII`],
    })
  return Object.fromEntries(
    given.map(([key, value]) => [CALL_HEADERS[key as keyof typeof CALL_HEADERS], String(value)]),
  )
}
