import type { z } from 'zod'
import { serverError } from './codes.ts'
import { jsonDepth, MAX_JSON_DEPTH } from './json-depth.ts'

/** Where a value is not as it should be: the place and what was expected, never the value. An unknown key may be a user's. */
function problemOf(issue: z.core.$ZodIssue): string {
  const nested = issue.code === 'invalid_union' ? issue.errors.flat()[0] : undefined
  const inner = nested ?? issue
  const path = [...issue.path, ...(nested?.path ?? [])]
    .map((part) => (typeof part === 'number' ? part : String(part).slice(0, 40)))
    .join('.')
  const said =
    inner.code === 'unrecognized_keys'
      ? `${inner.keys.length} unknown keys`
      : inner.code === 'invalid_type'
        ? `expected ${inner.expected}`
        : inner.code === 'custom'
          ? inner.message
          : inner.code
  return `${path || 'body'}: ${said}`
}

const invalid = (...problems: string[]) => serverError('PARAPET_SERVER_BODY_INVALID', { problems })

/** Reads JSON that a caller sent, not nested deeper than `MAX_JSON_DEPTH`. @throws PARAPET_SERVER_BODY_INVALID */
export function parseJson(text: string): unknown {
  if (jsonDepth(text, MAX_JSON_DEPTH) > MAX_JSON_DEPTH)
    throw invalid(`it is nested deeper than ${MAX_JSON_DEPTH} levels`)
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text.
    throw invalid('it is not JSON')
  }
}

/** Holds a value to its schema. @throws PARAPET_SERVER_BODY_INVALID with every mistake, at most ten */
export function parseAs<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const checked = schema.safeParse(value)
  if (checked.success) return checked.data
  throw invalid(...checked.error.issues.slice(0, 10).map(problemOf))
}
