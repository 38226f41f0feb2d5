/** Words that stand in any text and say nothing about its topic. */
const FUNCTION_WORDS = new Set(
  `a an the and or but if then of in on at to for from by with about as is are was were be been being do does did have
has had i you he she it we they me my your his her its our their this that these those what which who how when where why
can could would will shall should may might must not no yes there here so such than too very just also into out up down
over some any each more most other own same please give tell write make one`.split(/\s+/),
)
/** Letters by which two forms of a word are taken for one. */
const STEM_CHARACTERS = 5
const WORD = /[\p{L}\p{N}]+/gu
/** Characters that are looked at; both texts may be hostile, and long. */
const MOST_CHARACTERS = 16_000
/** Scripts that put no spaces between words: their words cannot be told apart this way. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}]/u

/** What a request and an answer have in common. */
export interface RequestOverlap {
  /** Stems of the request that stand in the answer. */
  readonly shared: number
  readonly requestStems: number
  readonly answerStems: number
}

/**
 * Counts the stems that a request and an answer share: words without function words, cut to five letters. An answer of
 * 32 tokens to another request shares none in 93 % of cases, the right one in 7 to 9 % (`docs/refusal-direction.md`).
 * `undefined` where either is too short to tell, or is in a script without spaces.
 */
export function requestOverlap(request: string, answer: string): RequestOverlap | undefined {
  if (UNSPACED.test(request) || UNSPACED.test(answer)) return undefined
  const asked = stemsOf(request)
  const answered = stemsOf(answer)
  if (asked.size < 2 || answered.size < 5) return undefined
  const shared = [...asked].filter((stem) => answered.has(stem)).length
  return { shared, requestStems: asked.size, answerStems: answered.size }
}

function stemsOf(text: string): Set<string> {
  const words = text.slice(0, MOST_CHARACTERS).toLowerCase().match(WORD) ?? []
  const content = words.filter((word) => word.length > 2 && !FUNCTION_WORDS.has(word))
  return new Set(content.map((word) => word.slice(0, STEM_CHARACTERS)))
}
