import type { SecretKind } from './secret-kinds.ts'

/** Where a secret stands: UTF-16 units, `end` exclusive. */
export interface SecretRange {
  readonly start: number
  readonly end: number
}

/** Finds secrets of one kind by a literal that each of them has. */
export interface SecretRule {
  readonly kind: SecretKind
  /** What a candidate is recognised by: no secret of this kind is without one of them. */
  readonly literals: readonly string[]
  readonly maxCharacters: number
  /** Everything that `match` depends on. */
  readonly source: string
  /** The secret around a literal that stands at `at`, if there is one. Looks at a bounded part of the text. */
  match(text: string, at: number): SecretRange | undefined
}
