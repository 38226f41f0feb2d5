import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'
import type { RequestContext } from '@parapet/sdk'
import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'

/** What a call says of itself in `providerOptions.parapet`. */
export interface ParapetCallOptions extends RequestContext {
  /** The ticket of a held request that was approved. */
  readonly grant?: string
}

const name = z.string().min(1).max(300)
const schema = z.strictObject({
  tenant: name.optional(),
  subjectKey: name.optional(),
  requestId: name.optional(),
  locale: name.optional(),
  grant: name.optional(),
})

/** Whom a call is for, and the call as the provider may see it. */
export interface CallContext {
  readonly context: RequestContext
  readonly grant: string | undefined
  readonly params: LanguageModelV4CallOptions
}

/**
 * Takes `providerOptions.parapet` out of a call.
 * @throws PARAPET_ADAPTER_CONTEXT_INVALID for unknown keys and values that are no texts of 1 to 300 characters
 */
export function takeCallContext(params: LanguageModelV4CallOptions): CallContext {
  const { parapet = {}, ...others } = params.providerOptions ?? {}
  const checked = schema.safeParse(parapet)
  if (!checked.success)
    throw adapterError('PARAPET_ADAPTER_CONTEXT_INVALID', { problems: checked.error.issues.map(problem) })
  const { grant, ...rest } = checked.data
  return {
    context: defined(rest),
    grant,
    params: params.providerOptions === undefined ? params : { ...params, providerOptions: others },
  }
}

const defined = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as RequestContext

/** Names the place and what was expected, never the value. An unknown key is not named either: it may be a user's. */
function problem(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.length} unknown keys`
  return `${issue.path.join('.') || 'it'}: ${issue.code === 'invalid_type' ? `expected ${issue.expected}` : 'expected 1 to 300 characters'}`
}
