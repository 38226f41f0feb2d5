import { normalizeText } from '@parapet/sdk'
import { fault } from '../errors/codes.ts'
import type { Finder } from './finder.ts'
import { compileLinear } from './linear-regex.ts'
import type { FunctionPattern, Pattern, RegexPattern, TermsPattern } from './pattern.ts'
import { TermAutomaton } from './term-automaton.ts'

/** More than that in one piece is no pattern but a document. */
export const MAX_PATTERN_MATCH_CHARACTERS = 100_000

type Range = { readonly start: number; readonly end: number }

/**
 * The finder of one pattern.
 * @throws `PARAPET_DETECTOR_PATTERN_INVALID`
 */
export function patternFinder(detector: string, index: number, pattern: Pattern): Finder {
  const path = `patterns[${index}]`
  const { label, validate } = pattern
  const { find, maxCharacters, source } = finderParts(detector, path, pattern)
  return {
    labels: [label],
    maxCharacters,
    source: `${label} ${source} ${validate}`,
    *find(text) {
      for (const range of find(text)) {
        const isFound = range !== undefined && (!validate || validate(text.slice(range.start, range.end)))
        yield isFound ? { label, start: range.start, end: range.end } : undefined
      }
    },
  }
}

interface FinderParts {
  readonly maxCharacters: number
  readonly source: string
  readonly find: (text: string) => Iterable<Range | undefined>
}

function finderParts(detector: string, path: string, pattern: Pattern): FinderParts {
  if ('regex' in pattern) return regexParts(detector, path, pattern)
  if ('terms' in pattern) return termParts(detector, path, pattern)
  return functionParts(detector, path, pattern)
}

function regexParts(detector: string, path: string, { regex, maxCharacters }: RegexPattern): FinderParts {
  const linear = compileLinear(regex)
  if ('problem' in linear) {
    const problem = `RE2, which matches it in linear time, refuses it: ${linear.problem}`
    throw fault('PARAPET_DETECTOR_PATTERN_INVALID', { detector, path: `${path}.regex`, problem })
  }
  return {
    maxCharacters,
    source: `${regex} ${maxCharacters}`,
    find: (text) => linear.matches(text, maxCharacters),
  }
}

function termParts(detector: string, path: string, pattern: TermsPattern): FinderParts {
  const { ignoreCase = true, wholeWords = true } = pattern
  // Texts are normalised before they are measured, so terms have to be.
  const terms = pattern.terms.map((term) => normalizeText(term).text)
  const empty = terms.findIndex((term) => term.trim() === '')
  if (empty >= 0) {
    const problem = 'it is empty once it is normalised'
    throw fault('PARAPET_DETECTOR_PATTERN_INVALID', { detector, path: `${path}.terms[${empty}]`, problem })
  }
  const automaton = new TermAutomaton(terms, { ignoreCase })
  return {
    maxCharacters: Math.max(...terms.map((term) => term.length)),
    source: `${JSON.stringify(terms)} ${ignoreCase} ${wholeWords}`,
    *find(text) {
      for (const range of automaton.find(text)) {
        yield range && (!wholeWords || isWholeWord(text, range)) ? range : undefined
      }
    },
  }
}

function functionParts(
  detector: string,
  path: string,
  { find, maxCharacters }: FunctionPattern,
): FinderParts {
  return {
    maxCharacters,
    source: `${find} ${maxCharacters}`,
    *find(text) {
      for (const { start, end } of find(text)) {
        const isRange = Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end <= text.length
        if (!isRange || start >= end || end - start > maxCharacters) {
          throw fault('PARAPET_DETECTOR_MATCH_INVALID', { detector, path, start, end, maxCharacters })
        }
        yield { start, end }
      }
    },
  }
}

const WORD_CHARACTER = /[\p{L}\p{M}\p{N}_]/u

/** Whether no word goes on across an end of the range. Beside a term that ends in a sign, anything may stand. */
function isWholeWord(text: string, { start, end }: Range): boolean {
  return !isInsideWord(text, start) && !isInsideWord(text, end)
}

function isInsideWord(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 2), at)
  const behind = text.slice(at, at + 2)
  const last = [...before].at(-1) ?? ''
  const first = [...behind][0] ?? ''
  return WORD_CHARACTER.test(last) && WORD_CHARACTER.test(first)
}
