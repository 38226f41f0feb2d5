import { type RequestFor, requestContext } from '../answer/request-context.ts'

/** The headers that say whom a call is for. They are taken out before the provider sees the call. */
export const CALL_HEADERS = {
  tenant: 'x-parapet-tenant',
  subjectKey: 'x-parapet-subject-key',
  requestId: 'x-parapet-request-id',
  locale: 'x-parapet-locale',
  grant: 'x-parapet-grant',
} as const

/** The headers of an answer that name its decision. A stream learns it last, so there it stands in the last event too. */
export const ANSWER_HEADERS = { decisionId: 'x-parapet-decision-id', ticket: 'x-parapet-ticket' } as const

const PREFIX = 'x-parapet-'
const KEYS = new Map<string, string>(Object.entries(CALL_HEADERS).map(([key, header]) => [header, key]))

/**
 * Whom a call is for, by its headers. One that nobody knows is an error: a misspelled tenant would be no tenant.
 * @throws PARAPET_ADAPTER_CONTEXT_INVALID
 */
export function contextOfHeaders(headers: Headers): RequestFor {
  const given = [...headers].filter(([header]) => header.startsWith(PREFIX))
  const named = given.map(([header, value]) => [KEYS.get(header) ?? header, value])
  return requestContext(Object.fromEntries(named), 'The headers x-parapet-…')
}

/** The headers as the provider may see them. */
export function headersForProvider(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of [...kept.keys()]) if (name.startsWith(PREFIX)) kept.delete(name)
  return kept
}
