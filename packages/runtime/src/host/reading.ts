/** What every request to a model can be given. */
export interface RequestOptions {
  /** Takes the request back: it fails with `PARAPET_RUNTIME_ABORTED`, at the latest between two chunks of work. */
  readonly signal?: AbortSignal
  /** Milliseconds, waiting included, until the request fails with `PARAPET_RUNTIME_DEADLINE`. @default none */
  readonly budgetMs?: number
}

/**
 * The answer to a text of more than `maxTokens` tokens, or of more than 16 UTF-16 units for each of them: nothing was run.
 */
export interface TooLong {
  readonly kind: 'too-long'
  /** The text's tokens; `undefined` where it was too long to be counted. */
  readonly tokens: number | undefined
}
