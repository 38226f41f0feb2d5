import type { ModelHost } from '@parapet/runtime'
import { fault } from '../errors/codes.ts'

/** What every detector that runs a model can be given. */
export interface ModelOptions {
  /**
   * The weights: the name of an installed package, or a folder (an absolute path, a `file:` URL, or a path that
   * begins with a dot). @default the package that the detector was made with
   */
  readonly weights?: string
  /** The model host to compute in; you close it. @default one host that all detectors of the process share */
  readonly host?: ModelHost
  /**
   * Tokens that it reads at most, 1 or more; a longer text is abstained from (`length`). No more than the weights
   * were calibrated for. @default what they were calibrated for
   */
  readonly maxTokens?: number
  /**
   * ISO 639-1 codes of the languages it is asked about; others are abstained from (`language`). No more than the
   * weights were calibrated for. @default ['en']
   */
  readonly languages?: readonly string[]
}

/** The options, checked and completed. An undefined `maxTokens` is the weights' own. */
export interface ResolvedModelOptions {
  readonly weights: string
  readonly host: ModelHost | undefined
  readonly maxTokens: number | undefined
  readonly languages: readonly string[]
}

export const DEFAULT_LANGUAGES: readonly string[] = ['en']

/**
 * Checks options at run time, for callers without the compiler.
 * @param further names of options that the detector has besides these
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`
 */
export function resolveModelOptions(
  detector: string,
  options: ModelOptions,
  defaultWeights: string,
  further: readonly string[] = [],
): ResolvedModelOptions {
  const invalid = (option: string, received: string, expected: string) =>
    fault('PARAPET_DETECTOR_OPTION_INVALID', { detector, option, received, expected })
  const known = ['weights', 'host', 'maxTokens', 'languages', ...further]
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw invalid(name, 'unknown', `one of ${known.join(', ')}`)
  }
  const { weights = defaultWeights, host, maxTokens, languages = DEFAULT_LANGUAGES } = options
  if (typeof weights !== 'string' || weights === '') {
    throw invalid('weights', kindOf(weights), 'a package name or a folder')
  }
  if (host !== undefined && typeof (host as Partial<ModelHost> | null)?.encoder !== 'function') {
    throw invalid('host', kindOf(host), 'a model host, as createModelHost() makes it')
  }
  if (maxTokens !== undefined && !(Number.isSafeInteger(maxTokens) && maxTokens >= 1)) {
    throw invalid('maxTokens', String(maxTokens), 'a whole number of 1 or more')
  }
  if (!Array.isArray(languages) || languages.length === 0 || !languages.every(isLanguage)) {
    throw invalid('languages', kindOf(languages), 'a list of ISO 639-1 codes such as "en"')
  }
  return { weights, host, maxTokens, languages: [...languages] }
}

/**
 * Checks a list of labels, such as the option `labels`.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`
 */
export function checkLabels<Label extends string>(
  detector: string,
  labels: readonly Label[],
  known: readonly Label[],
): readonly Label[] {
  const expected = `a list, not empty and without repetition, of ${known.join(', ')}`
  const invalid = (received: string) =>
    fault('PARAPET_DETECTOR_OPTION_INVALID', { detector, option: 'labels', received, expected })
  if (!Array.isArray(labels)) throw invalid(kindOf(labels))
  const list: readonly Label[] = labels
  if (list.length === 0) throw invalid('empty')
  if (new Set(list).size < list.length) throw invalid('a list with a label twice')
  if (!list.every((label) => known.includes(label))) throw invalid('a list with an unknown label')
  return [...list]
}

function isLanguage(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z]{2,3}$/.test(value)
}

/** What a value is, for a message: never the value, which may be a user's. */
function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'another list' : `of type ${typeof value}`
}
