import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'

/** How a guarded client treats its provider. */
export interface ProviderOptions {
  /** The most bytes of one answer, streamed or not, in [1, 2^31 - 1]. @default 67_108_864 */
  readonly maxAnswerBytes?: number
  /** The longest silence within an answer in milliseconds, in [1, 2^31 - 1]. @default 300_000 */
  readonly stallMs?: number
  /** Gets an error of the provider whose words are kept back because they may carry unjudged text. @default nothing */
  readonly onProviderError?: (error: unknown) => void
  /** Gets each fault of the guard’s own work that a call in shadow mode went on over. @default nothing */
  readonly onShadowFault?: (error: unknown) => void
}

export type ResolvedProviderOptions = Required<ProviderOptions>

/** What a guarded client does when it is told nothing. */
export const DEFAULT_PROVIDER_OPTIONS = {
  maxAnswerBytes: 67_108_864,
  stallMs: 300_000,
} as const satisfies ProviderOptions

const listener = z
  .custom<(error: unknown) => void>((value) => typeof value === 'function', 'expected a function')
  .default(() => () => undefined)
const bound = (byDefault: number) =>
  z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(byDefault)

/** How `stallMs` is read in the options of every adapter. */
export const stallLimit = bound(DEFAULT_PROVIDER_OPTIONS.stallMs)

const schema = z.strictObject({
  maxAnswerBytes: bound(DEFAULT_PROVIDER_OPTIONS.maxAnswerBytes),
  stallMs: stallLimit,
  onProviderError: listener,
  onShadowFault: listener,
})

/** The options with their defaults. @throws PARAPET_ADAPTER_OPTIONS */
export function resolveProviderOptions(adapter: string, options: ProviderOptions): ResolvedProviderOptions {
  const checked = schema.safeParse(options)
  if (checked.success) return checked.data
  const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw adapterError('PARAPET_ADAPTER_OPTIONS', { adapter, problems })
}
