import type { SecretRule } from './secret-rule.ts'
import { isWordUnit } from './token-rule.ts'

const MAX_CHARACTERS = 4_096

const FORM = /eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{2,4000}\.[A-Za-z0-9_-]{16,700}/y

/** Signed JSON Web Tokens (RFC 7519) whose header is JSON with an `alg`. What is longer than 4,096 characters is cut. */
export const JSON_WEB_TOKEN_RULE: SecretRule = {
  kind: 'json-web-token',
  literals: ['eyJ'],
  maxCharacters: MAX_CHARACTERS,
  source: `${FORM} header with alg`,
  match: (text, at) => {
    // Inside a longer run of the same characters there is no start; this also keeps the scan linear.
    const before = at === 0 ? 0 : text.charCodeAt(at - 1)
    const isEscape = before !== 0 && /\\[nrt]$/.test(text.slice(Math.max(0, at - 2), at))
    if ((isWordUnit(before) && !isEscape) || before === 45) return undefined
    FORM.lastIndex = at
    if (!FORM.test(text)) return undefined
    const end = Math.min(FORM.lastIndex, at + MAX_CHARACTERS)
    return hasAlgorithm(text.slice(at, text.indexOf('.', at))) ? { start: at, end } : undefined
  },
}

function hasAlgorithm(header: string): boolean {
  try {
    const fields: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
    return typeof fields === 'object' && fields !== null && 'alg' in fields
  } catch {
    return false
  }
}
