import type { RequestContext } from '@parapet/sdk'
import type { Call } from './route.ts'

/** Whom a request is for: what its body says, and the tenant of its key. */
export function contextOf(
  { tenant }: Pick<Call, 'tenant'>,
  given: { readonly [Key in keyof RequestContext]?: RequestContext[Key] | undefined } = {},
): RequestContext {
  const entries = Object.entries({ ...given, tenant }).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries)
}
