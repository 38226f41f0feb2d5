import { type Pattern, patterns } from '@parapet/detectors'
import type { Detector, JsonObject } from '@parapet/sdk'
import { cliError } from './errors/codes.ts'

/** `/source/flags`, as a RegExp writes itself. */
const WRITTEN = /^\/(?<source>.+)\/(?<flags>[a-z]*)$/su

function readPattern(value: unknown, index: number): Pattern {
  const invalid = (problem: string, cause?: unknown) =>
    cliError('PARAPET_CLI_PATTERN_INVALID', { index, problem }, { cause })
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('it is no object')
  if ('digest' in value)
    throw invalid(
      'it was made of terms or a function, which JSON does not carry, and only its digest is there',
    )
  if (!('regex' in value)) return value as Pattern
  const { regex } = value
  const { source, flags } = (typeof regex === 'string' ? WRITTEN.exec(regex)?.groups : undefined) ?? {}
  if (source === undefined) throw invalid('its "regex" is not written as "/…/" with flags behind it')
  try {
    return { ...value, regex: new RegExp(source, flags) } as Pattern
  } catch (cause) {
    throw invalid('its "regex" is no regular expression', cause)
  }
}

/**
 * Makes a detector of patterns out of the options in a policy's JSON form: `{"patterns": [{"label", "regex": "/…/i",
 * "maxCharacters"}]}`. It has the id and version that the policy names.
 * @throws PARAPET_CLI_PATTERN_INVALID, PARAPET_DETECTOR_PATTERN_INVALID, PARAPET_DETECTOR_OPTION_INVALID
 */
export function patternsFromJson(id: string, version: string, options: JsonObject): Detector {
  const list: unknown = options['patterns']
  const read = Array.isArray(list) ? list.map(readPattern) : (list as readonly Pattern[])
  return patterns({ ...options, id, version, patterns: read })
}
