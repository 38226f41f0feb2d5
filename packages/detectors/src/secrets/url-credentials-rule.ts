import { isPlaceholder } from './placeholder.ts'
import type { SecretRule } from './secret-rule.ts'

const SCHEME = /[a-z][a-z0-9+.-]{1,19}$/i
const MAX_SCHEME_CHARACTERS = 20
/** A user (may be empty, as for Redis), a password, and the start of a host. */
const CREDENTIALS =
  /:\/\/([^\s:@/?#"'`<>()[\]{}]{0,64}):([^\s:@/?#"'`<>()]{3,128})@(?=[A-Za-z0-9[])(?!(?:[A-Za-z0-9-]{1,63}\.){0,3}example\.(?:com|net|org)\b)/y

/** A user and a password in a URL (`https://user:password@host`): the two are found, not the URL. Not on example.com. */
export const URL_CREDENTIALS_RULE: SecretRule = {
  kind: 'url-credentials',
  literals: ['://'],
  maxCharacters: 193,
  source: `${SCHEME} ${CREDENTIALS} ${isPlaceholder}`,
  match: (text, at) => {
    CREDENTIALS.lastIndex = at
    const match = CREDENTIALS.exec(text)
    if (!match || !SCHEME.test(text.slice(Math.max(0, at - MAX_SCHEME_CHARACTERS), at))) return undefined
    const [, user = '', password = ''] = match
    if (isPlaceholder(password) || password === user) return undefined
    const start = at + '://'.length
    return { start, end: start + user.length + 1 + password.length }
  },
}
