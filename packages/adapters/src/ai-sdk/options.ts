import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'
import { DEFAULT_PROVIDER_OPTIONS, stallLimit } from '../wire/provider-options.ts'

/** How the middleware treats what no rule can judge. */
export interface GuardMiddlewareOptions {
  /**
   * Raw chunks of the stream and the response's body repeat the answer. `drop` keeps them back; `after-decision` holds
   * them until the whole answer was judged, and passes them when it was allowed without an edit. @default 'drop'
   */
  readonly raw?: 'drop' | 'after-decision'
  /**
   * Members of the provider's metadata, as `provider.key`, that pass as they are: you state that they repeat no text of
   * the answer. Numbers, names and sealed members pass anyway. @default none
   */
  readonly trustedMetadata?: readonly string[]
  /**
   * The longest silence of the provider in milliseconds, before an answer begins and within it, in [1, 2^31 - 1]. An
   * answer that does not stream is one silence. @default 300_000
   */
  readonly stallMs?: number
  /** Gets an error of the provider that is kept back because it may carry unjudged text. @default nothing */
  readonly onProviderError?: (error: unknown) => void
  /** Gets each fault of the guard's own work that a call in shadow mode went on over. @default nothing */
  readonly onShadowFault?: (error: unknown) => void
}

export interface ResolvedMiddlewareOptions {
  readonly raw: 'drop' | 'after-decision'
  readonly trustedMetadata: readonly string[]
  readonly stallMs: number
  readonly onProviderError: (error: unknown) => void
  readonly onShadowFault: (error: unknown) => void
}

/** What the middleware does when it is told nothing. */
export const DEFAULT_MIDDLEWARE_OPTIONS = {
  raw: 'drop',
  trustedMetadata: [],
  stallMs: DEFAULT_PROVIDER_OPTIONS.stallMs,
} as const satisfies GuardMiddlewareOptions

const listener = z
  .custom<(error: unknown) => void>((value) => typeof value === 'function', 'expected a function')
  .default(() => () => undefined)

const schema = z.strictObject({
  raw: z.enum(['drop', 'after-decision']).default(DEFAULT_MIDDLEWARE_OPTIONS.raw),
  trustedMetadata: z.array(z.string().regex(/^[^.]+\..+$/, 'expected provider.key')).default([]),
  stallMs: stallLimit,
  onProviderError: listener,
  onShadowFault: listener,
})

/** The options with their defaults. @throws PARAPET_ADAPTER_OPTIONS */
export function resolveMiddlewareOptions(options: GuardMiddlewareOptions): ResolvedMiddlewareOptions {
  const checked = schema.safeParse(options)
  if (checked.success) return checked.data
  const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw adapterError('PARAPET_ADAPTER_OPTIONS', { adapter: 'guardMiddleware', problems })
}
