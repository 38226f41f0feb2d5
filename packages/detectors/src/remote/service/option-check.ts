import { fault } from '../../errors/codes.ts'

/** What one option may be, and how that is said in words. */
export interface OptionCheck {
  readonly valid: (value: unknown) => boolean
  readonly expected: string
}

export type OptionChecks = Readonly<Record<string, OptionCheck>>

export const wholeNumber = (least: number, most: number): OptionCheck => ({
  valid: (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  expected: `a whole number from ${least} to ${most}`,
})

export const textOption = (expected: string, most = 10_000): OptionCheck => ({
  valid: (value) => typeof value === 'string' && value.trim() !== '' && value.length <= most,
  expected: `${expected}, of ${most} characters at most`,
})

export const functionOption = (expected: string): OptionCheck => ({
  valid: (value) => typeof value === 'function',
  expected,
})

export const oneOf = (values: readonly string[]): OptionCheck => ({
  valid: (value) => typeof value === 'string' && values.includes(value),
  expected: `one of ${values.join(', ')}`,
})

/** A list without repetition, not empty. */
export const listOf = (check: OptionCheck): OptionCheck => ({
  valid: (value) =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(check.valid) &&
    new Set(value).size === value.length,
  expected: `a list, not empty and without repetition, each ${check.expected}`,
})

/**
 * Checks options at run time: for callers without the compiler, and for policies in JSON. An undefined option counts
 * as one that was left out.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`, also for a name that is not known and for a required option that is missing
 */
export function checkOptions(
  detector: string,
  options: object,
  checks: OptionChecks,
  required: readonly string[] = [],
): void {
  const invalid = (option: string, received: string, expected: string) =>
    fault('PARAPET_DETECTOR_OPTION_INVALID', { detector, option, received, expected })
  const given = new Map(Object.entries(options).filter(([, value]) => value !== undefined))
  for (const [option, value] of given) {
    const check = Object.hasOwn(checks, option) ? checks[option] : undefined
    // A key that was written into the wrong place must not be repeated: only known names are.
    if (!check) throw invalid('(unknown)', 'unknown', `one of ${Object.keys(checks).join(', ')}`)
    if (!check.valid(value)) throw invalid(option, kindOf(value), check.expected)
  }
  for (const option of required) {
    if (!given.has(option)) throw invalid(option, 'missing', checks[option]?.expected ?? 'a value')
  }
}

/** What a value is, for a message: never a text, which may be a key. */
function kindOf(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (value === null) return 'null'
  return Array.isArray(value) ? 'another list' : `another value of type ${typeof value}`
}
