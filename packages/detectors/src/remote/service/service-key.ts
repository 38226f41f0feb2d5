import { fault } from '../../errors/codes.ts'
import { functionOption, type OptionChecks } from './option-check.ts'

/** How a detector gets the key of a service: never as a value, which could end in a policy, a record or a log. */
export interface KeyOptions {
  /** Gives the key, each time one is needed, so that it can be rotated. Not together with `keyEnv`. */
  readonly key?: () => string | Promise<string>
  /** Name of the environment variable that holds the key: the way for policies in JSON. Not together with `key`. */
  readonly keyEnv?: string
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
/** What may stand in a header. Anything else would be quoted by the error that the HTTP client throws. */
const KEY = /^[\x21-\x7e]{1,8192}$/

export const KEY_CHECKS: OptionChecks = {
  key: functionOption('a function that gives the key'),
  keyEnv: {
    valid: (value) => typeof value === 'string' && VARIABLE.test(value),
    expected: 'the name of an environment variable, never the key itself',
  },
}

/** Whether a key goes with the calls. @throws `PARAPET_DETECTOR_OPTION_INVALID` when there are two sources */
export function hasKey(detector: string, { key, keyEnv }: KeyOptions): boolean {
  if (key !== undefined && keyEnv !== undefined) {
    const expected = 'left out, since "key" gives the key'
    throw fault('PARAPET_DETECTOR_OPTION_INVALID', {
      detector,
      option: 'keyEnv',
      received: 'given too',
      expected,
    })
  }
  return key !== undefined || keyEnv !== undefined
}

/**
 * The key as it is now, or undefined where the service wants none.
 * @throws `PARAPET_REMOTE_KEY_MISSING`, without what the function threw: it may hold the key
 */
export async function readKey(detector: string, { key, keyEnv }: KeyOptions): Promise<string | undefined> {
  if (key === undefined && keyEnv === undefined) return undefined
  const source = keyEnv === undefined ? 'the function "key"' : `the environment variable ${keyEnv}`
  let given: unknown
  try {
    given = keyEnv === undefined ? await key?.() : process.env[keyEnv]
  } catch {
    given = undefined
  }
  if (typeof given === 'string' && KEY.test(given)) return given
  throw fault('PARAPET_REMOTE_KEY_MISSING', { detector, source })
}
