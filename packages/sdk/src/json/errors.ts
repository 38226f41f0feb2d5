import { entry, errorsOf } from '../errors/catalogue.ts'

/** Faults of canonical JSON. Names kinds and counts only: the value may be a user's. */
export const JSON_ERRORS = {
  PARAPET_JSON_NOT_JSON: entry<{ kind: string }>(
    ({ kind }) =>
      `The value holds ${kind}, which JSON cannot carry. Expected null, booleans, finite numbers, well-formed strings, arrays and plain objects. Convert it before it is hashed or stored.`,
  ),
  PARAPET_JSON_TOO_DEEP: entry<{ maxDepth: number }>(
    ({ maxDepth }) =>
      `The value is nested deeper than ${maxDepth} levels, or refers to itself. Expected JSON of at most ${maxDepth} levels. Flatten it, or store its parts apart.`,
  ),
} as const

/** Builds an error of this area. */
export const jsonError = errorsOf(JSON_ERRORS)
