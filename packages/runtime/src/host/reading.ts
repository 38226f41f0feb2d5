/** What every request to a model can be given. */
export interface RequestOptions {
  /** Takes the request back: it fails with `PARAPET_RUNTIME_ABORTED`, at the latest between two chunks of work. */
  readonly signal?: AbortSignal
  /** Milliseconds, waiting included, until the request fails with `PARAPET_RUNTIME_DEADLINE`. @default none */
  readonly budgetMs?: number
}

/** The answer to a text longer than `maxTokens`: nothing was run. */
export interface TooLong {
  readonly kind: 'too-long'
  /** The text has at least so many tokens (counting stops early in a very long text). */
  readonly tokens: number
}
