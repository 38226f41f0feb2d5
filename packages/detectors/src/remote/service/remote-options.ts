import { type OptionChecks, wholeNumber } from './option-check.ts'

/** How a detector calls a service of others. None of it changes a score, so none of it is part of the digest. */
export interface RemoteOptions {
  /** Milliseconds for one attempt, 10 to 120,000. The stage's budget ends all of them together. @default 2000 */
  readonly timeoutMs?: number
  /** How often a call is tried at most, 1 to 5: again after no answer, 429 and 5xx. @default 2 */
  readonly attempts?: number
  /** Calls that run at once, 1 to 256. @default 8 */
  readonly concurrency?: number
  /** Calls that may wait for a slot, 0 to 10,000; one more fails with `PARAPET_REMOTE_OVERLOADED`. @default 64 */
  readonly queued?: number
  /** Failed attempts in a row that open the circuit, 1 to 1,000. @default 5 */
  readonly circuitFailures?: number
  /** Milliseconds that an open circuit fails every call at once, 10 to 600,000; then one call is tried. @default 10000 */
  readonly circuitOpenMs?: number
  /** Answers that are remembered, by content digest and without the content, 0 to 100,000. @default 1000 */
  readonly cachedTexts?: number
}

export const DEFAULT_REMOTE_OPTIONS = {
  timeoutMs: 2_000,
  attempts: 2,
  concurrency: 8,
  queued: 64,
  circuitFailures: 5,
  circuitOpenMs: 10_000,
  cachedTexts: 1_000,
} as const satisfies Required<RemoteOptions>

export const REMOTE_CHECKS: OptionChecks = {
  timeoutMs: wholeNumber(10, 120_000),
  attempts: wholeNumber(1, 5),
  concurrency: wholeNumber(1, 256),
  queued: wholeNumber(0, 10_000),
  circuitFailures: wholeNumber(1, 1_000),
  circuitOpenMs: wholeNumber(10, 600_000),
  cachedTexts: wholeNumber(0, 100_000),
}

const NAMES = Object.keys(DEFAULT_REMOTE_OPTIONS) as (keyof RemoteOptions)[]

/** The options of calling that were given, and no others: for the descriptor, which a JSON policy must repeat. */
export function givenRemoteOptions(options: RemoteOptions): Record<string, number> {
  const entries = NAMES.flatMap((name) => {
    const value = options[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(entries)
}

/** Completes checked options; `defaults` are those of one kind of service. */
export function resolveRemoteOptions(
  options: RemoteOptions,
  defaults: RemoteOptions = {},
): Required<RemoteOptions> {
  return { ...DEFAULT_REMOTE_OPTIONS, ...defaults, ...givenRemoteOptions(options) }
}
