import type { Detector, JsonObject } from '@parapet/sdk'
import { digestOf } from '@parapet/sdk'
import { fault } from '../errors/codes.ts'
import { checkOptionNames, invalidOption } from './check-options.ts'
import type { Pattern } from './pattern.ts'
import { patternDetector } from './pattern-detector.ts'
import { MAX_PATTERN_MATCH_CHARACTERS, patternFinder } from './pattern-finder.ts'

export interface PatternsOptions<Label extends string = string> {
  /** Names the detector in policies and records: small letters, digits and hyphens. */
  readonly id: string
  /** Raise it when a function that a pattern uses changes what it does. */
  readonly version: string
  /** The patterns; those with the same label are found as one kind. */
  readonly patterns: readonly Pattern<Label>[]
}

/**
 * Makes a detector of your own regular expressions, lists of terms and functions. A label scores 1 when one of its
 * patterns is in the text, else 0; what was found is its spans. Linear in the text, whatever the expression.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`, `PARAPET_DETECTOR_PATTERN_INVALID`; while measuring
 * `PARAPET_DETECTOR_MATCH_INVALID`
 */
export function patterns<const Label extends string>(options: PatternsOptions<Label>): Detector<Label> {
  const { id, version } = options
  if (typeof id !== 'string' || !/^[a-z][a-z0-9-]{0,63}$/.test(id)) {
    throw invalidOption(
      'patterns',
      'id',
      `of type ${typeof id}`,
      'small letters, digits and hyphens, 64 at most',
    )
  }
  checkOptionNames(id, options, ['id', 'version', 'patterns'])
  if (typeof version !== 'string' || version === '') {
    throw invalidOption(id, 'version', `of type ${typeof version}`, 'a text that is not empty')
  }
  const list: unknown = options.patterns
  if (!Array.isArray(list) || list.length === 0) {
    throw invalidOption(
      id,
      'patterns',
      Array.isArray(list) ? 'empty' : `of type ${typeof list}`,
      'a list of patterns',
    )
  }
  options.patterns.forEach((pattern, index) => {
    checkPattern(id, `patterns[${index}]`, pattern)
  })
  const finders = options.patterns.map((pattern, index) => patternFinder(id, index, pattern))
  return patternDetector({
    id,
    version,
    labels: [...new Set(options.patterns.map((pattern) => pattern.label))],
    options: {
      patterns: options.patterns.map((pattern, index) => describe(pattern, finders[index]?.source ?? '')),
    },
    maxSpanCharacters: Math.max(...finders.map((finder) => finder.maxCharacters)),
    loadFinders: async () => finders,
  })
}

/** What a policy's hash covers of a pattern: terms and functions by their digest, since they can be long. */
function describe(pattern: Pattern, source: string): JsonObject {
  const { label } = pattern
  if ('regex' in pattern) return { label, regex: `${pattern.regex}`, maxCharacters: pattern.maxCharacters }
  return { label, digest: digestOf(source) }
}

const KINDS = ['regex', 'terms', 'find'] as const

function checkPattern(detector: string, path: string, pattern: Pattern): void {
  const invalid = (problem: string) => fault('PARAPET_DETECTOR_PATTERN_INVALID', { detector, path, problem })
  if (typeof pattern !== 'object' || pattern === null) throw invalid('it is no object')
  const fields: Readonly<Record<string, unknown>> = { ...pattern }
  const [kind, another] = KINDS.filter((name) => name in fields)
  if (kind === undefined || another !== undefined)
    throw invalid(`it has not exactly one of ${KINDS.join(', ')}`)
  const known = kind === 'terms' ? ['ignoreCase', 'wholeWords'] : ['maxCharacters']
  const unknown = Object.keys(fields).find((name) => !['label', 'validate', kind, ...known].includes(name))
  if (unknown !== undefined) throw invalid(`it has the unknown field "${unknown}"`)
  const { label, regex, terms, find, validate, maxCharacters } = fields
  if (typeof label !== 'string' || label === '') throw invalid('its "label" is no text, or an empty one')
  if (validate !== undefined && typeof validate !== 'function') throw invalid('its "validate" is no function')
  if (kind === 'find' && typeof find !== 'function') throw invalid('its "find" is no function')
  if (kind === 'regex' && !(regex instanceof RegExp)) throw invalid('its "regex" is no RegExp')
  const isList = Array.isArray(terms) && terms.length > 0 && terms.every((term) => typeof term === 'string')
  if (kind === 'terms' && !isList) throw invalid('its "terms" are no list of texts, or an empty one')
  const isLength = Number.isInteger(maxCharacters) && Number(maxCharacters) >= 1
  if (kind !== 'terms' && !(isLength && Number(maxCharacters) <= MAX_PATTERN_MATCH_CHARACTERS)) {
    throw invalid(`its "maxCharacters" is no whole number from 1 to ${MAX_PATTERN_MATCH_CHARACTERS}`)
  }
}
