import type { Detector } from '@parapet/sdk'
import type { CountryCode } from 'libphonenumber-js/max'
import { checkNames, checkOptionNames, invalidOption } from '../patterns/check-options.ts'
import { patternDetector } from '../patterns/pattern-detector.ts'
import {
  DEFAULT_PERSONAL_DATA_KINDS,
  type DefaultPersonalDataKind,
  LONGEST_CHARACTERS,
  PERSONAL_DATA_KINDS,
  type PersonalDataKind,
} from './personal-data-kinds.ts'

export interface PersonalDataOptions<Kind extends PersonalDataKind = PersonalDataKind> {
  /** The kinds to look for: the detector's labels. @default all but `ip-address` */
  readonly kinds?: readonly Kind[]
  /**
   * ISO 3166-1 codes of the countries whose phone numbers are found in their national form; those that begin with
   * `+` are found for all countries. @default ['US']
   */
  readonly countries?: readonly CountryCode[]
}

export const DEFAULT_PHONE_COUNTRIES: readonly CountryCode[] = ['US']

/**
 * Finds personal data that has a form: addresses, numbers of cards, accounts, phones and persons, with their place.
 * Check digits, issuers, countries and domains are checked; a label scores 1 when something of its kind is in the
 * text, else 0. Names and postal addresses have no form and are not found. `docs/detectors/personal-data.md` lists
 * kinds and figures.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`
 */
export function personalData<const Kind extends PersonalDataKind = DefaultPersonalDataKind>(
  options: PersonalDataOptions<Kind> = {},
): Detector<Kind> {
  const id = 'personal-data'
  checkOptionNames(id, options, ['kinds', 'countries'])
  const kinds = checkNames<PersonalDataKind>(
    id,
    'kinds',
    options.kinds ?? DEFAULT_PERSONAL_DATA_KINDS,
    PERSONAL_DATA_KINDS,
  )
  const countries = checkCountries(id, options.countries ?? DEFAULT_PHONE_COUNTRIES)
  return patternDetector({
    id,
    version: '0.1.0',
    labels: kinds as readonly Kind[],
    options: { kinds: [...kinds], countries: [...countries] },
    maxSpanCharacters: Math.max(...kinds.map((kind) => LONGEST_CHARACTERS[kind])),
    loadFinders: async () => {
      const { personalDataFinders } = await import('./personal-data-finders.ts')
      return personalDataFinders(kinds, countries)
    },
  })
}

function checkCountries(detector: string, countries: readonly CountryCode[]): readonly CountryCode[] {
  const expected = 'a list of ISO 3166-1 codes of two capitals, such as "US"'
  const list: unknown = countries
  if (!Array.isArray(list)) throw invalidOption(detector, 'countries', `of type ${typeof list}`, expected)
  const unknown = list.findIndex((country) => !isCountry(country))
  if (unknown >= 0)
    throw invalidOption(detector, `countries[${unknown}]`, 'not the code of a country', expected)
  return [...countries]
}

/** Whether a value is the code of a country, as far as the runtime knows them: without loading the phone numbers' data. */
function isCountry(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[A-Z]{2}$/.test(value)) return false
  return new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' }).of(value) !== undefined
}
