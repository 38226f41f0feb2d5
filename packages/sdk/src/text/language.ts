/** What is read of a long text: its start, its middle and its end, that many UTF-16 units of each. */
const WINDOW_CHARACTERS = 1_000

/** Fewer letters in a window say nothing. Words of Latin letters are shared by many languages, so more are wanted. */
const MIN_LETTERS = { latin: 24, other: 8 } as const

/**
 * How much likelier than English (as scored by `eld`) another language must be. Short English is taken for others by
 * less than this, and texts in those by more; `docs/normalization.md` has the figures.
 */
const MIN_MARGIN_TO_ENGLISH = 0.1

/**
 * The language of a text as an ISO 639-1 code; undefined for a text that is short, in several languages, or whose
 * language cannot be told. Reads at most 3,000 characters: start, middle and end. The first call loads the tables
 * of `eld` (some 40 MB).
 */
export async function detectLanguage(text: string): Promise<string | undefined> {
  const detect = await loadDetect()
  const languages = new Set<string>()
  for (const window of windowsOf(text)) {
    const language = languageOf(window, detect)
    if (language !== undefined) languages.add(language)
  }
  const [language] = languages
  return languages.size === 1 ? language : undefined
}

type Detect = typeof import('eld/extrasmall').eld.detect

let loading: Promise<Detect> | undefined

/** Loads once; a load that failed is tried again. */
function loadDetect(): Promise<Detect> {
  loading ??= import('eld/extrasmall').then(
    ({ eld }) => eld.detect,
    (cause: unknown) => {
      loading = undefined
      throw cause
    },
  )
  return loading
}

function windowsOf(text: string): string[] {
  const last = text.length - WINDOW_CHARACTERS
  if (last <= 0) return [text]
  return [0, last >> 1, last].map((start) => text.slice(start, start + WINDOW_CHARACTERS))
}

function languageOf(window: string, detect: Detect): string | undefined {
  const latin = window.match(/\p{Script=Latin}/gu)?.length ?? 0
  const letters = window.match(/\p{L}/gu)?.length ?? 0
  const isLatin = latin * 2 > letters
  if (letters < (isLatin ? MIN_LETTERS.latin : MIN_LETTERS.other)) return undefined
  const found = detect(window)
  if (found.language === '' || (isLatin && !found.isReliable())) return undefined
  if (found.language === 'en') return 'en'
  const scores = found.getScores()
  const margin = (scores[found.language] ?? 0) - (scores['en'] ?? 0)
  return margin < MIN_MARGIN_TO_ENGLISH ? undefined : found.language
}
