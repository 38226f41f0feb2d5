/**
 * Work in steps: each `yield` is a place where other work may go first and where an abort takes effect.
 * No step is longer than one window, one chunk or one token.
 */
export type Work<Result, Step = undefined> = AsyncGenerator<Step, Result, undefined>

/** Texts longer than this many UTF-16 units for each token allowed are too long without being counted. */
export const CHARACTERS_PER_TOKEN = 16

/** Tokens that a text may have where the request sets no limit. */
export const DEFAULT_MAX_TOKENS = 8192
