import { entry, errorsOf } from './catalogue.ts'

/** The errors of `@parapet/sdk`, by area. Documented in `docs/errors.md`. */
export const SDK_ERRORS = {} as const

/** Builds an error of this package: `sdkError('PARAPET_…', details)`. */
export const sdkError = errorsOf(SDK_ERRORS)
void entry
