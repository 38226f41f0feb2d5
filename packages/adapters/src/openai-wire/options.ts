import { z } from 'zod'
import type { SystemMessages } from '../answer/judged-roles.ts'
import type { RequestFor } from '../answer/request-context.ts'
import { adapterError } from '../errors/codes.ts'
import { DEFAULT_PROVIDER_OPTIONS, stallLimit } from '../wire/provider-options.ts'

/** How an exchange over the wire is guarded. */
export interface WireOptions {
  /**
   * Whom a request is for. The headers are the caller's, `x-parapet-…` among them.
   * @default what the headers x-parapet-tenant, -subject-key, -request-id, -locale and -grant say
   */
  readonly context?: (headers: Headers) => RequestFor | Promise<RequestFor>
  /**
   * `throw`: faults of the guard reject the call, and end a stream, as typed errors. `answer`: they become the error
   * answers of OpenAI's API, for callers on the other side of a network. @default 'throw'
   */
  readonly faults?: 'throw' | 'answer'
  /** The longest body of a request in bytes, [1, …). @default 64 MiB */
  readonly maxRequestBytes?: number
  /** The longest answer in bytes on the wire, streamed or not, [1, …). @default 64 MiB */
  readonly maxAnswerBytes?: number
  /**
   * The longest silence of the provider in milliseconds, before an answer begins and within it, in [1, 2^31 - 1].
   * @default 300_000
   */
  readonly stallMs?: number
  /**
   * Ends of paths that pass although no rule judges what they give, as `images/generations`: you state that this is
   * harmless. @default none
   */
  readonly passRoutes?: readonly string[]
  /**
   * Gets what is kept back from the caller because it may hold unjudged text: `{ status, body }` where the provider
   * refused a call (at most 64 KiB of the body), or the error that its answer broke off with. @default nothing
   */
  readonly onProviderError?: (error: unknown) => void
  /**
   * `trust`: system and developer messages, and `instructions`, are the developer's own and not judged. `judge`: they are
   * judged as a user's, for callers who are not the developer and pick their roles themselves. @default 'trust'
   */
  readonly systemMessages?: SystemMessages
  /** Gets each fault of the guard's own work that a call in shadow mode went on over. @default nothing */
  readonly onShadowFault?: (error: unknown) => void
}

export type ResolvedWireOptions = Required<WireOptions>

/** What the guard does on the wire when it is told nothing. */
export const DEFAULT_WIRE_OPTIONS = {
  faults: 'throw',
  maxRequestBytes: 64 * 1024 * 1024,
  maxAnswerBytes: 64 * 1024 * 1024,
  stallMs: DEFAULT_PROVIDER_OPTIONS.stallMs,
  passRoutes: [],
  systemMessages: 'trust',
} as const satisfies WireOptions

const isFunction = (value: unknown) => typeof value === 'function'
const listener = z
  .custom<(error: unknown) => void>(isFunction, 'expected a function')
  .default(() => () => undefined)
const count = z.int().min(1)

const schema = z.strictObject({
  context: z.custom<ResolvedWireOptions['context']>(isFunction, 'expected a function').optional(),
  faults: z.enum(['throw', 'answer']).default(DEFAULT_WIRE_OPTIONS.faults),
  maxRequestBytes: count.default(DEFAULT_WIRE_OPTIONS.maxRequestBytes),
  maxAnswerBytes: count.default(DEFAULT_WIRE_OPTIONS.maxAnswerBytes),
  stallMs: stallLimit,
  passRoutes: z
    .array(z.string().regex(/^[\w-]+(\/[\w-]+)*$/, 'expected the end of a path, without a slash around it'))
    .default([]),
  systemMessages: z.enum(['judge', 'trust']).default(DEFAULT_WIRE_OPTIONS.systemMessages),
  onProviderError: listener,
  onShadowFault: listener,
})

/** The options with their defaults. @throws PARAPET_ADAPTER_OPTIONS */
export function resolveWireOptions(
  adapter: string,
  options: WireOptions,
  context: ResolvedWireOptions['context'],
): ResolvedWireOptions {
  const checked = schema.safeParse(options)
  if (checked.success) return { ...checked.data, context: checked.data.context ?? context }
  const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw adapterError('PARAPET_ADAPTER_OPTIONS', { adapter, problems })
}
