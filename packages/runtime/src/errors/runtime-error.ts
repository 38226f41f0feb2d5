const MARKER = Symbol.for('parapet.error')

/**
 * The base of every error that this package throws: a question that was not answered, never a verdict.
 * It carries the same marker as the errors of `@parapet/sdk`, so `isParapetError` recognises it.
 * The message says what is wrong, what was expected and the way out; it never holds a user's text.
 */
export class RuntimeError extends Error {
  readonly [MARKER] = true
  /** `PARAPET_RUNTIME_<FAULT>` or `PARAPET_MODEL_<FAULT>`, listed in `docs/errors.md`. */
  readonly code: string
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable: boolean

  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RuntimeError'
    this.code = code
    this.retryable = options.retryable ?? false
  }
}

/** Whether `value` is an error of Parapet, also when it was made by another installed copy. */
export function isRuntimeError(value: unknown): value is RuntimeError {
  return value instanceof Error && (value as { [MARKER]?: unknown })[MARKER] === true
}
