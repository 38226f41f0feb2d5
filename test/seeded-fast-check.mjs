/**
 * fast-check with the seed that scripts/test.mjs chose and printed. jest.config.mjs puts it in fast-check's place,
 * so that a test without properties does not pay for loading it.
 */
import { configureGlobal } from '../node_modules/fast-check/lib/fast-check.js'

const { FAST_CHECK_SEED } = process.env
if (FAST_CHECK_SEED !== undefined) configureGlobal({ seed: Number(FAST_CHECK_SEED) })

export * from '../node_modules/fast-check/lib/fast-check.js'
export { default } from '../node_modules/fast-check/lib/fast-check.js'
