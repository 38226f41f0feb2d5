import { bitsPerCharacter } from './entropy.ts'
import { isPlaceholder } from './placeholder.ts'
import type { SecretRule } from './secret-rule.ts'

const WORDS = ['key', 'secret', 'token', 'password', 'passwd', 'credential', 'auth']

const ASSIGNMENT =
  /[A-Za-z]{3,10}[\w.-]{0,20}["'`]?[ \t]{0,3}(?:=>|:=|==|[=:])[ \t]{0,3}["'`]?([A-Za-z0-9_.=+/~!@#$%^&*-]{12,150})/y

/** Bits a character: random base64 of 20 characters has about 4, an identifier in words about 3. */
const MIN_BITS = 3.5

/**
 * A random value that is assigned to something called a key, a secret, a token or a password. It guesses: hashes and
 * ids that are called `key` are found as well.
 */
export const GENERIC_SECRET_RULE: SecretRule = {
  kind: 'generic-secret',
  literals: WORDS.flatMap((word) => [word, word.toUpperCase(), `${word[0]?.toUpperCase()}${word.slice(1)}`]),
  maxCharacters: 150,
  source: `${ASSIGNMENT} ${MIN_BITS}`,
  match: (text, at) => {
    ASSIGNMENT.lastIndex = at
    const value = ASSIGNMENT.exec(text)?.[1]
    if (value === undefined || isPlaceholder(value)) return undefined
    const isRandom = /\d/.test(value) && /[A-Za-z]/.test(value) && bitsPerCharacter(value) >= MIN_BITS
    return isRandom ? { start: ASSIGNMENT.lastIndex - value.length, end: ASSIGNMENT.lastIndex } : undefined
  },
}
