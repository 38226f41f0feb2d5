import { bitsPerCharacter } from './entropy.ts'
import type { SecretKind } from './secret-kinds.ts'
import type { SecretRule } from './secret-rule.ts'

export interface TokenForm {
  readonly kind: SecretKind
  /** How tokens begin (or what stands behind `behind` characters of them). */
  readonly literals: readonly string[]
  /** The token from the literal on. A group in it, at its end, is the token where the rest is context. */
  readonly form: RegExp
  /** The part of the token before the literal, and its length at most. */
  readonly behind?: { readonly form: RegExp; readonly maxCharacters: number }
  /** The longest token with its context, in UTF-16 units. */
  readonly maxCharacters: number
  /** Bits a character that a token has at least; placeholders such as `xxxx` have fewer. @default 3 */
  readonly minBits?: number
  /** Tokens that stand in documentation and open nothing. */
  readonly example?: RegExp
}

/** A rule for tokens that are words of their own: no letter, digit or underscore stands before or behind them. */
export function tokenRule(token: TokenForm): SecretRule {
  const { kind, literals, maxCharacters, behind, example, minBits = 3 } = token
  const form = new RegExp(token.form.source, `${token.form.flags}y`)
  return {
    kind,
    literals,
    maxCharacters,
    source: [token.form, behind?.form, behind?.maxCharacters, minBits, example].join(' '),
    match: (text, at) => {
      form.lastIndex = at
      const match = form.exec(text)
      if (!match) return undefined
      const end = form.lastIndex
      let start = match[1] === undefined ? at : end - match[1].length
      if (behind) {
        const before = behind.form.exec(text.slice(Math.max(0, at - behind.maxCharacters), at))
        if (!before) return undefined
        start = at - before[0].length
      }
      if (isInsideWord(text, start) || isWordUnit(text.charCodeAt(end))) return undefined
      const secret = text.slice(start, end)
      if (bitsPerCharacter(secret) < minBits || example?.test(secret)) return undefined
      return { start, end }
    },
  }
}

/** Whether a word goes on before `at`. The letter of an escape (`\n` in quoted JSON) is no word. */
function isInsideWord(text: string, at: number): boolean {
  if (at === 0 || !isWordUnit(text.charCodeAt(at - 1))) return false
  return !/\\[nrt]$/.test(text.slice(Math.max(0, at - 2), at))
}

/** Whether a UTF-16 unit is an ASCII letter, digit or underscore. */
export function isWordUnit(unit: number): boolean {
  const letter = unit | 32
  return (unit >= 48 && unit <= 57) || unit === 95 || (letter >= 97 && letter <= 122 && unit < 128)
}
