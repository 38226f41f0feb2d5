/** Words of an answer that are looked at; a longer one is judged by its opening. */
const MOST_WORDS = 512
/** Fewer words say too little about repetition. */
const FEWEST_WORDS = 8
/** Share of 3-grams that are repeats, from which text is a loop. Answers of chat models: 99 % lie under .2. */
const MOST_REPEATED = 0.5
/** Share of the characters that are no letter, digit, space or common mark, from which text is noise. */
const MOST_STRANGE = 0.4
/** Bits a character, under which text says one thing over and over: English prose of 60 characters has 3.5 to 4.3. */
const FEWEST_BITS = 2.2
const FEWEST_CHARACTERS = 16
/** Share of the words that no language spells so, from which text is noise. */
const MOST_MISSHAPEN = 0.4

const WORD = /[\p{L}\p{N}\p{M}'’]+/gu
const ORDINARY = /[\p{L}\p{N}\p{M}\s.,;:!?'’"“”()\-–—*#/_`=+<>[\]{}|$%&@]/gu
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u
/** Five letters without a vowel. */
const NO_VOWEL = /^[^aeiouyàâäéèêëíîïóôöúûü]{5,}$/i
/** A capital inside a word, or letters and digits in turns. */
const MIXED = /\p{Ll}\p{Lu}|\p{L}\p{N}+\p{L}+\p{N}/u
const LATIN_ONLY = /^[\p{Script=Latin}\p{N}'’]+$/u

/**
 * Whether a text is broken, and how; `undefined` where it is language. Four measures, each of which an answer of a working
 * model passes: no letters at all; the share of 3-grams that are repeats (`seq-rep-n` of Welleck et al. 2020,
 * arXiv 1908.04319, section 4); the entropy of its characters (Shannon 1948), in bits; the share of signs and of
 * word shapes that no language has. Words in a random order pass: see `requestOverlap`.
 */
export function brokenText(text: string): string | undefined {
  if (!LETTER_OR_DIGIT.test(text)) return 'empty'
  const characters = Array.from(text.slice(0, 8_000))
  const strange = 1 - (characters.join('').match(ORDINARY)?.length ?? 0) / characters.length
  if (strange >= MOST_STRANGE) return 'signs'
  if (characters.length >= FEWEST_CHARACTERS && entropyBits(characters) < FEWEST_BITS) return 'repetition'
  const words = (text.match(WORD) ?? []).slice(0, MOST_WORDS)
  if (repeatedShare(words, 3) >= MOST_REPEATED) return 'repetition'
  const latin = words.filter((word) => LATIN_ONLY.test(word))
  const misshapen = latin.filter(isMisshapen).length
  if (latin.length >= FEWEST_WORDS && misshapen / latin.length >= MOST_MISSHAPEN) return 'word shapes'
  return undefined
}

/** An abbreviation in capitals is spelled as it should be. */
const isMisshapen = (word: string): boolean =>
  word !== word.toUpperCase() && (NO_VOWEL.test(word) || MIXED.test(word))

/**
 * The share of a text's n-grams that stood in it before, [0, 1]: 1 − distinct / all. 0 where there are too few words.
 * @param words in the order of the text
 */
export function repeatedShare(words: readonly string[], n: number): number {
  if (words.length < FEWEST_WORDS) return 0
  const folded = words.map((word) => word.toLowerCase())
  const grams = folded
    .slice(0, folded.length - n + 1)
    .map((_, start) => folded.slice(start, start + n).join(' '))
  return 1 - new Set(grams).size / grams.length
}

/** Shannon's entropy of the characters, in bits a character. */
function entropyBits(characters: readonly string[]): number {
  const counts = new Map<string, number>()
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) {
    const share = count / characters.length
    bits -= share * Math.log2(share)
  }
  return bits
}
