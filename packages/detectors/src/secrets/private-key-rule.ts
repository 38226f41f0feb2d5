import type { SecretRule } from './secret-rule.ts'

/** An RSA key of 8192 bits takes 6,400 characters. */
const MAX_CHARACTERS = 8_192

const HEADER = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y
/** What a key's lines hold, with line breaks as they are or as escapes in quoted JSON. */
const BODY =
  /(?:\s|\\[nr])*(?:[A-Za-z-]{4,16}: [^\r\n\\]{1,120}(?:\r?\n|\\n)(?:\s|\\[nr])*)*(?:[A-Za-z0-9+/=\s]|\\[nr])*/y
const FOOTER = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y
const MIN_BODY_CHARACTERS = 40

/**
 * Private keys in PEM, and PGP private key blocks. A key whose end is missing (a stream that was cut) counts as well;
 * of a longer key, the first 8,192 characters do.
 */
export const PRIVATE_KEY_RULE: SecretRule = {
  kind: 'private-key',
  literals: ['-----BEGIN '],
  maxCharacters: MAX_CHARACTERS,
  source: [HEADER, BODY, FOOTER, MIN_BODY_CHARACTERS].join(' '),
  match: (text, at) => {
    const window = text.slice(at, at + MAX_CHARACTERS)
    HEADER.lastIndex = 0
    if (!HEADER.test(window)) return undefined
    const bodyStart = HEADER.lastIndex
    BODY.lastIndex = bodyStart
    BODY.exec(window)
    const bodyEnd = BODY.lastIndex
    const letters = window.slice(bodyStart, bodyEnd).replaceAll(/\s|\\[nr]/g, '')
    // `...` or `<your key>` in place of a key is a placeholder.
    if (letters.length < MIN_BODY_CHARACTERS) return undefined
    FOOTER.lastIndex = bodyEnd
    const end = FOOTER.test(window) ? FOOTER.lastIndex : bodyEnd
    return { start: at, end: at + end }
  },
}
