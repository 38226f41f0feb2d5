import type { RequestContext } from '@parapet/sdk'
import { z } from 'zod'
import { adapterError } from '../errors/codes.ts'

/** Whom a call is for, as a caller may say it. */
export interface ParapetCallOptions extends RequestContext {
  /** The ticket of a held request that was approved. */
  readonly grant?: string
}

/** Whom a call is for. */
export interface RequestFor {
  readonly context: RequestContext
  readonly grant: string | undefined
}

const name = z.string().min(1).max(300)
const schema = z.strictObject({
  tenant: name.optional(),
  subjectKey: name.optional(),
  requestId: name.optional(),
  locale: name.optional(),
  grant: name.optional(),
})

/**
 * Reads whom a call is for.
 * @param where what the caller wrote it into, for the error
 * @throws PARAPET_ADAPTER_CONTEXT_INVALID for unknown keys and values that are no texts of 1 to 300 characters
 */
export function requestContext(given: unknown, where: string): RequestFor {
  const checked = schema.safeParse(given)
  if (!checked.success)
    throw adapterError('PARAPET_ADAPTER_CONTEXT_INVALID', {
      where,
      problems: checked.error.issues.map(problem),
    })
  const { grant, ...rest } = checked.data
  return { context: defined(rest), grant }
}

const defined = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as RequestContext

/** Names the place and what was expected, never the value. An unknown key is not named either: it may be a user's. */
function problem(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.length} unknown keys`
  return `${issue.path.join('.') || 'it'}: ${issue.code === 'invalid_type' ? `expected ${issue.expected}` : 'expected 1 to 300 characters'}`
}
