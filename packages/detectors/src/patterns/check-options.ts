import { fault } from '../errors/codes.ts'

/**
 * Refuses options that a detector does not have.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`
 */
export function checkOptionNames(detector: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw invalidOption(detector, name, 'unknown', `one of ${known.join(', ')}`)
  }
}

/**
 * Checks an option that is a list of names, at run time, for callers without the compiler.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`
 */
export function checkNames<Name extends string>(
  detector: string,
  option: string,
  names: readonly Name[],
  known: readonly Name[],
): readonly Name[] {
  const list: unknown = names
  const expected = `a list, not empty and without repetition, of ${known.join(', ')}`
  if (!Array.isArray(list)) throw invalidOption(detector, option, `of type ${typeof list}`, expected)
  if (list.length === 0) throw invalidOption(detector, option, 'empty', expected)
  if (new Set(list).size < list.length)
    throw invalidOption(detector, option, 'a list with a name twice', expected)
  const unknown = list.findIndex((name) => !known.includes(name))
  if (unknown >= 0) throw invalidOption(detector, `${option}[${unknown}]`, 'an unknown name', expected)
  return [...names]
}

export function invalidOption(detector: string, option: string, received: string, expected: string): Error {
  return fault('PARAPET_DETECTOR_OPTION_INVALID', { detector, option, received, expected })
}
