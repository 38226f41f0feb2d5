interface Shared<Label extends string> {
  readonly label: Label
  /**
   * Decides on what was found, e.g. by a check digit. Its source is part of the detector's digest, what it refers to
   * is not: raise the detector's `version` when that changes.
   */
  readonly validate?: (found: string) => boolean
}

/** A regular expression. It is matched by RE2: no look-around and no back-references, and always in linear time. */
export interface RegexPattern<Label extends string = string> extends Shared<Label> {
  /** Flags `i`, `m`, `s` are kept; `g`, `u`, `v`, `d` mean nothing here; `y` is refused. `\s`, `\w`, `\b` are ASCII. */
  readonly regex: RegExp
  /** The longest match, in UTF-16 units, 1 to 100,000. A longer one is reported in pieces of that length. */
  readonly maxCharacters: number
}

/** Words or phrases, thousands if need be. */
export interface TermsPattern<Label extends string = string> extends Shared<Label> {
  readonly terms: readonly string[]
  /** @default true */
  readonly ignoreCase?: boolean
  /** Whether a letter or digit beside a term makes it part of another word. @default true */
  readonly wholeWords?: boolean
}

/** A function of your own. It must be linear in the text: nothing stops it. */
export interface FunctionPattern<Label extends string = string> extends Shared<Label> {
  /** UTF-16 units, `end` exclusive. */
  readonly find: (text: string) => Iterable<{ readonly start: number; readonly end: number }>
  /** The longest stretch, in UTF-16 units, 1 to 100,000. */
  readonly maxCharacters: number
}

export type Pattern<Label extends string = string> =
  | RegexPattern<Label>
  | TermsPattern<Label>
  | FunctionPattern<Label>
