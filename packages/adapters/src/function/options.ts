import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'
import { stallLimit } from '../wire/provider-options.ts'
import type { FunctionCallOptions } from './chat-function.ts'

/** What a guarded function tells the app. */
export interface GuardFunctionOptions {
  /**
   * The longest silence of the function in milliseconds, before its answer begins and between two pieces, in
   * [1, 2^31 - 1]. @default 300_000
   */
  readonly stallMs?: number
  /** Gets an error of the function that is kept back because it may carry unjudged text. @default nothing */
  readonly onProviderError?: (error: unknown) => void
  /** Gets each fault of the guard's own work that a call in shadow mode went on over. @default nothing */
  readonly onShadowFault?: (error: unknown) => void
}

const listener = z
  .custom<(error: unknown) => void>((value) => typeof value === 'function', 'expected a function')
  .default(() => () => undefined)

const schema = z.strictObject({ stallMs: stallLimit, onProviderError: listener, onShadowFault: listener })

/** Who a call is for is checked by the guard. */
const callSchema = z.strictObject({
  context: z.unknown().optional(),
  grant: z.string().optional(),
  json: z.boolean().optional(),
  signal: z.instanceof(AbortSignal).optional(),
})

function refuse(error: z.ZodError): Error {
  const problems = error.issues.map((issue) =>
    // An unknown key is not named: it may be a user's.
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.length} unknown keys`
      : `${issue.path.join('.') || 'it'}: ${issue.code === 'invalid_type' ? `expected ${issue.expected}` : 'not as expected'}`,
  )
  return adapterError('PARAPET_ADAPTER_OPTIONS', { adapter: 'guardFunction', problems })
}

/** The options with their defaults. @throws PARAPET_ADAPTER_OPTIONS */
export function resolveFunctionOptions(options: GuardFunctionOptions): Required<GuardFunctionOptions> {
  const checked = schema.safeParse(options)
  if (!checked.success) throw refuse(checked.error)
  return checked.data
}

/** Holds a call's options to their type. @throws PARAPET_ADAPTER_OPTIONS */
export function checkCallOptions(options: FunctionCallOptions): FunctionCallOptions {
  const checked = callSchema.safeParse(options)
  if (!checked.success) throw refuse(checked.error)
  return options
}
