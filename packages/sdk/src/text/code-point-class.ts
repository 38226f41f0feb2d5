import { CONFUSABLE_LETTERS } from './confusable-letters.ts'

/** What normalisation must know of a code point, as bits: one look-up instead of a dozen regular expressions. */
export const CodePointClass = {
  known: 1,
  ignorable: 2,
  whitespace: 4,
  /** A combining mark: belongs to the character before it. */
  mark: 8,
  /** No mark, but may compose with the character before it (Hangul vowels and finals). */
  composes: 16,
  latin: 32,
  /** A letter of another script. */
  otherLetter: 64,
  /** Continues a word without being a letter: a digit or an underscore. */
  wordConnector: 128,
  /** Has another form under NFKC (`compatibilityForm`). */
  unstable: 256,
} as const

const LETTER_FOLDS = new Map(
  CONFUSABLE_LETTERS.flatMap(([letter, lookalikes]) =>
    Array.from(lookalikes, (lookalike) => [lookalike.codePointAt(0) ?? 0, letter] as const),
  ),
)

/** Classes of the planes that are used, filled when first seen. Other planes are computed each time. */
const CACHED_PLANES_END = 0x20000
const classes = new Uint16Array(CACHED_PLANES_END)

/** The class bits of a code point. A lone surrogate counts as an ordinary character. */
export function classOf(codePoint: number): number {
  if (codePoint >= CACHED_PLANES_END) return computeClass(codePoint)
  const known = classes[codePoint] as number
  if (known !== 0) return known
  const computed = computeClass(codePoint)
  classes[codePoint] = computed
  return computed
}

/** The Latin letter that a letter of another script looks like, its accents kept; undefined when there is none. */
export function latinLookalike(codePoint: number): string | undefined {
  if (codePoint < 0x370) return undefined
  const letter = LETTER_FOLDS.get(codePoint)
  if (letter !== undefined) return letter
  const parts = String.fromCodePoint(codePoint).normalize('NFD')
  const base = parts.codePointAt(0) ?? 0
  const baseLetter = base === codePoint ? undefined : LETTER_FOLDS.get(base)
  return baseLetter === undefined ? undefined : baseLetter + parts.slice(base > 0xffff ? 2 : 1)
}

/**
 * NFKC of one code point. Spacing accents (`´`, `¨`, `゛`) stay as they are: NFKC makes a space and a combining
 * mark of them, and so would part the words that they are typed in as apostrophes.
 */
export function compatibilityForm(codePoint: number): string {
  const known = compatibilityForms.get(codePoint)
  if (known !== undefined) return known
  const character = String.fromCodePoint(codePoint)
  const nfkc = character.normalize('NFKC')
  const form = nfkc.length > 1 && nfkc.startsWith(' ') ? character.normalize('NFC') : nfkc
  if (form !== character) compatibilityForms.set(codePoint, form)
  return form
}

/** The forms that were asked for: Unicode has some ten thousand of them. */
const compatibilityForms = new Map<number, string>()

const IGNORABLE = /^[\p{Default_Ignorable_Code_Point}\p{Cc}\u{fff9}-\u{fffb}]$/u
const WHITESPACE = /^[\s\u{85}]$/u

function computeClass(codePoint: number): number {
  const { known, unstable } = CodePointClass
  const changes = compatibilityForm(codePoint) !== String.fromCodePoint(codePoint)
  return known | (changes ? unstable : 0) | kindOf(codePoint)
}

function kindOf(codePoint: number): number {
  const { ignorable, whitespace, mark, composes, latin, otherLetter, wordConnector } = CodePointClass
  const character = String.fromCodePoint(codePoint)
  // U+FEFF is whitespace to a regular expression and invisible to a reader.
  if (codePoint !== 0xfeff && WHITESPACE.test(character)) return whitespace
  if (IGNORABLE.test(character)) return ignorable
  if (/^\p{M}$/u.test(character)) return mark
  if (/^[\p{N}_]$/u.test(character)) return wordConnector
  if (!/^\p{L}$/u.test(character)) return 0
  if (/^\p{Script=Latin}$/u.test(character)) return latin
  const isComposing =
    (codePoint >= 0x1161 && codePoint <= 0x1175) ||
    (codePoint >= 0x11a8 && codePoint <= 0x11c2) ||
    codePoint === 0x16d67
  return otherLetter | (isComposing ? composes : 0)
}
