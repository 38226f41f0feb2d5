import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'

/** How the guarded client treats its provider. */
export interface GuardAnthropicOptions {
  /** The most bytes of one answer, streamed or not, in [1, 2^31 - 1]. @default 67_108_864 */
  readonly maxAnswerBytes?: number
  /** The longest silence within an answer in milliseconds, in [1, 2^31 - 1]; the client’s `timeout` bounds the wait for its beginning. @default 300_000 */
  readonly stallMs?: number
  /** Gets an error of the provider that is kept back because it may carry unjudged text. @default nothing */
  readonly onProviderError?: (error: unknown) => void
  /** Gets each fault of the guard’s own work that a call in shadow mode went on over. @default nothing */
  readonly onShadowFault?: (error: unknown) => void
}

export type ResolvedAnthropicOptions = Required<GuardAnthropicOptions>

/** What the guarded client does when it is told nothing. */
export const DEFAULT_ANTHROPIC_OPTIONS = {
  maxAnswerBytes: 67_108_864,
  stallMs: 300_000,
} as const satisfies GuardAnthropicOptions

const listener = z
  .custom<(error: unknown) => void>((value) => typeof value === 'function', 'expected a function')
  .default(() => () => undefined)
const bound = (byDefault: number) =>
  z
    .int()
    .min(1)
    .max(2 ** 31 - 1)
    .default(byDefault)

const schema = z.strictObject({
  maxAnswerBytes: bound(DEFAULT_ANTHROPIC_OPTIONS.maxAnswerBytes),
  stallMs: bound(DEFAULT_ANTHROPIC_OPTIONS.stallMs),
  onProviderError: listener,
  onShadowFault: listener,
})

/** The options with their defaults. @throws PARAPET_ADAPTER_OPTIONS */
export function resolveAnthropicOptions(options: GuardAnthropicOptions): ResolvedAnthropicOptions {
  const checked = schema.safeParse(options)
  if (checked.success) return checked.data
  const problems = checked.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw adapterError('PARAPET_ADAPTER_OPTIONS', { adapter: 'guardAnthropic', problems })
}
