import { type ParapetCallOptions, type RequestFor, requestContext } from '../answer/request-context.ts'
import { adapterError } from '../errors/codes.ts'

/** The headers that say whom a call is for. They are taken out before the provider sees the call. */
const HEADERS = {
  tenant: 'x-parapet-tenant',
  subjectKey: 'x-parapet-subject-key',
  requestId: 'x-parapet-request-id',
  locale: 'x-parapet-locale',
  grant: 'x-parapet-grant',
} as const

const WHERE = 'The context given by parapet(…)'

/**
 * Says whom a call is for, in its request options: `client.messages.create(params, parapet({ tenant: 'acme' }))`. Spread
 * it into other options; headers of your own go into `headers`.
 * @throws PARAPET_ADAPTER_CONTEXT_INVALID
 */
export function parapet(
  call: ParapetCallOptions,
  headers: Readonly<Record<string, string>> = {},
): { headers: Record<string, string> } {
  const { context, grant } = requestContext(call, WHERE)
  const own = Object.entries({ ...context, grant }).flatMap(([key, value]) =>
    value === undefined ? [] : [[HEADERS[key as keyof typeof HEADERS], headerValue(key, value)]],
  )
  return { headers: { ...headers, ...Object.fromEntries(own) } }
}

/** Headers hold no other letters, and trim what stands around them. */
function headerValue(key: string, value: string): string {
  if (/^[!-~\xa1-\xff]([ -~\xa0-\xff]*[!-~\xa1-\xff])?$/.test(value)) return value
  throw adapterError('PARAPET_ADAPTER_CONTEXT_INVALID', {
    where: WHERE,
    problems: [`${key}: expected letters of Latin-1 without spaces around them`],
  })
}

/** Takes the context out of a call's headers, unread. */
export function dropContext(headers: Headers): void {
  for (const header of Object.values(HEADERS)) headers.delete(header)
}

/** Takes the context out of a call's headers. @throws PARAPET_ADAPTER_CONTEXT_INVALID */
export function takeContext(headers: Headers): RequestFor {
  const given = Object.entries(HEADERS).flatMap(([key, header]) => {
    const value = headers.get(header)
    return value === null ? [] : [[key, value] as const]
  })
  dropContext(headers)
  return requestContext(Object.fromEntries(given), WHERE)
}
