import { RuntimeError } from './runtime-error.ts'

/** One entry of an error catalogue: how the message is built, and whether trying again can help. */
export interface CatalogueEntry<Details> {
  readonly retryable: boolean
  /** What is wrong → what was expected → the way out. Never a user's text. */
  readonly message: (details: Details) => string
}

/** The details that an entry's message needs. */
export type DetailsOf<Entry> = Entry extends CatalogueEntry<infer Details> ? Details : never

/** Gives a catalogue's entry its type: `entry<{ id: string }>(({ id }) => …)`. */
export function entry<Details>(
  message: (details: Details) => string,
  options: { retryable?: boolean } = {},
): CatalogueEntry<Details> {
  return { retryable: options.retryable ?? false, message }
}

/** Makes the function that builds a package's errors out of its catalogue. */
export function errorsOf<Catalogue extends Record<string, CatalogueEntry<never>>>(catalogue: Catalogue) {
  return function fault<Code extends keyof Catalogue & string>(
    code: Code,
    details: DetailsOf<Catalogue[Code]>,
    options: { cause?: unknown } = {},
  ): RuntimeError {
    const { message, retryable } = catalogue[code] as unknown as CatalogueEntry<unknown>
    return new RuntimeError(code, message(details), { retryable, ...options })
  }
}
