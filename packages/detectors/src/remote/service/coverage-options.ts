import { STAGES, type Stage } from '@parapet/sdk'
import { listOf, type OptionCheck, type OptionChecks, oneOf, wholeNumber } from './option-check.ts'

/** What a service is asked about: nobody here has calibrated it, so you say. */
export interface CoverageOptions {
  /** Stages it is asked about; others are abstained from (`stage`). @default all */
  readonly stages?: readonly Stage[]
  /** ISO 639-1 codes of the languages it was made for, or `any`; others are abstained from (`language`). */
  readonly languages?: readonly string[] | 'any'
  /** The longest text it is asked about, in UTF-16 units, 1 to 1,000,000; longer ones are abstained from (`length`). */
  readonly maxCharacters?: number
}

const language: OptionCheck = {
  valid: (value) => typeof value === 'string' && /^[a-z]{2,3}$/.test(value),
  expected: 'an ISO 639-1 code such as "en"',
}
const languages = listOf(language)

export const COVERAGE_CHECKS: OptionChecks = {
  stages: listOf(oneOf(STAGES)),
  languages: {
    valid: (value) => value === 'any' || languages.valid(value),
    expected: `"any", or ${languages.expected}`,
  },
  maxCharacters: wholeNumber(1, 1_000_000),
}
