import { serverError } from './codes.ts'
import { type ServerKey, tenantFinder } from './server-keys.ts'

/** Whom a request is from. */
export interface Caller {
  /** The tenant of its key; undefined where the server has no keys. */
  readonly tenant: string | undefined
  /** The caller's own Authorization, for the upstream: one bearer token that is no key of this server, or nothing. */
  readonly authorization: string | undefined
}

const bearer = (authorization: string | undefined) => /^bearer +(\S+)$/i.exec(authorization ?? '')?.[1]

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** Whether a host, as it stands in a Host header or is listened on, is this machine and no other. */
export const isLoopback = (host: string): boolean => host === '::1' || LOOPBACK.test(host)

/**
 * Makes the function that knows callers. A key is read from `x-parapet-key`, else `x-api-key` (LiteLLM), else
 * `Authorization: Bearer`; where another header carried it, Authorization is the caller's own, for the upstream.
 * @throws PARAPET_SERVER_UNAUTHORIZED; PARAPET_SERVER_HOST_REFUSED where there are no keys and the Host header is not
 *   this machine: a page in a browser could have pointed a name of its own here
 */
export function callerFinder(keys: readonly ServerKey[]): (request: Request) => Caller {
  const tenantOf = tenantFinder(keys)
  // Other schemes wrap what they carry, as Basic does, and could carry a key of ours that nobody here would find.
  const passed = (authorization: string | undefined) => {
    const token = bearer(authorization)
    return token === undefined || tenantOf(token) !== undefined ? undefined : `Bearer ${token}`
  }
  return ({ headers, url }) => {
    const authorization = headers.get('authorization') ?? undefined
    if (keys.length === 0) {
      const hosts = [headers.get('host') ?? '', new URL(url).host].filter((host) => host !== '')
      if (!hosts.every(isLoopback)) throw serverError('PARAPET_SERVER_HOST_REFUSED', undefined)
      return { tenant: undefined, authorization: passed(authorization) }
    }
    const own = headers.get('x-parapet-key') ?? headers.get('x-api-key') ?? undefined
    const tenant = tenantOf(own ?? bearer(authorization) ?? '')
    if (tenant === undefined) throw serverError('PARAPET_SERVER_UNAUTHORIZED', undefined)
    return { tenant, authorization: passed(authorization) }
  }
}
