const MARKER = Symbol.for('parapet.error')

/** What every error of Parapet carries. */
export interface ParapetErrorFields {
  /** `PARAPET_<AREA>_<FAULT>`, listed in `docs/errors.md`. */
  readonly code: string
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable: boolean
}

/**
 * The base of every error that Parapet throws: a question that was not answered, never a verdict.
 * The message says what is wrong, what was expected and the way out; it never holds a user's text.
 */
export class ParapetError extends Error implements ParapetErrorFields {
  readonly [MARKER] = true
  readonly code: string
  readonly retryable: boolean

  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ParapetError'
    this.code = code
    this.retryable = options.retryable ?? false
  }
}

/** Whether `value` is an error of Parapet, also when it was made by another installed copy. */
export function isParapetError(value: unknown): value is Error & ParapetErrorFields {
  return value instanceof Error && (value as { [MARKER]?: unknown })[MARKER] === true
}
