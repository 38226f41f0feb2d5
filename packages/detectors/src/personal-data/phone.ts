import {
  type CountryCode,
  isSupportedCountry,
  type PhoneNumber,
  searchPhoneNumbersInText,
} from 'libphonenumber-js/max'
import { invalidOption } from '../patterns/check-options.ts'
import type { Finder } from '../patterns/finder.ts'

/** Stretches that may hold numbers; longer ones are read in parts of that many characters. */
const STRETCH = /[+(\d][\d ()./\u2010-\u2015+-]{5,62}\d/g
/** A date, and perhaps the hour behind it: dates fill tables and logs, and the library takes its time. */
const DATE = /^(?:(?:19|20)\d\d([-/.])\d\d?\1\d\d?|\d\d?([-/.])\d\d?\2(?:19|20)\d\d)(?: \d\d?)?$/
const MIN_DIGITS = 7
const MAX_CHARACTERS = 40
const CONTEXT_CHARACTERS = 32

/** A number without any grouping is taken for a phone's only behind such a word. */
const CONTEXT = /(?:phone|tel|call|cell|mobile|fax|whatsapp|sms|text|contact|dial|ring|signal)\b[^\n]{0,24}$/i

/**
 * Phone numbers that `libphonenumber-js` holds valid: international ones of every country, national ones of the
 * countries given. Digits in one piece count only behind a word such as "phone".
 * @throws `PARAPET_DETECTOR_OPTION_INVALID` for a country without phone numbers of its own
 */
export function phoneFinder(countries: readonly CountryCode[]): Finder {
  const unknown = countries.findIndex((country) => !isSupportedCountry(country))
  if (unknown >= 0) {
    const expected = 'a country whose phone numbers libphonenumber-js knows'
    throw invalidOption('personal-data', `countries[${unknown}]`, 'another', expected)
  }
  return {
    labels: ['phone'],
    maxCharacters: MAX_CHARACTERS,
    source: `phone ${countries} ${STRETCH} ${CONTEXT} ${MIN_DIGITS}`,
    *find(text) {
      const stretches = new RegExp(STRETCH.source, 'g')
      for (let match = stretches.exec(text); match; match = stretches.exec(text)) {
        if (countDigits(match[0]) < MIN_DIGITS || DATE.test(match[0])) continue
        const regions = match[0].includes('+') && countries.length === 0 ? [undefined] : countries
        for (const country of regions) yield* numbersIn(text, match.index, match[0].length, country)
        yield undefined
      }
    },
  }
}

function* numbersIn(text: string, at: number, length: number, country: CountryCode | undefined) {
  // One character on both sides: a number inside a word is none.
  const from = Math.max(0, at - 1)
  const part = text.slice(from, at + length + 1)
  const options = country === undefined ? {} : { defaultCountry: country }
  for (const { startsAt, endsAt, number } of searchPhoneNumbersInText(part, options)) {
    // A bracket that is not closed within the number is not part of it.
    const isOpen = part[startsAt] === '(' && !part.slice(startsAt, endsAt).includes(')')
    const start = from + startsAt + (isOpen ? 1 : 0)
    const found = text.slice(start, from + endsAt)
    if (found.length > MAX_CHARACTERS || !isWrittenAsPhone(found, number)) continue
    const isGrouped = found.startsWith('+') || /\d\D+\d/.test(found)
    const isCalled = isGrouped || CONTEXT.test(text.slice(Math.max(0, start - CONTEXT_CHARACTERS), start))
    if (isCalled) yield { label: 'phone', start, end: from + endsAt }
  }
}

/**
 * Whether digits are grouped as that number is: a date and a time, a sum or a score may hold the digits of a valid
 * number. After a `+`, which says that it is one, people group as they like.
 */
function isWrittenAsPhone(found: string, number: PhoneNumber): boolean {
  if (found.startsWith('+')) return /^\+\d/.test(found)
  if (/^(?:19|20)\d\d[-/.]\d\d?[-/.]\d\d?(?!\d)|\s[-/]|[-/]\s/.test(found)) return false
  // Clauses of laws and versions mix dots and dashes.
  if (found.includes('.') && found.includes('-')) return false
  const usual = new Set([...groupEnds(number.formatNational()), ...groupEnds(number.formatInternational())])
  return groupEnds(found).every((end) => usual.has(end))
}

/** How many digits stand behind the end of each group, but for the last. */
function groupEnds(text: string): number[] {
  const groups = text.match(/\d+/g) ?? []
  let digits = 0
  return groups
    .slice(1)
    .reverse()
    .map((group) => {
      digits += group.length
      return digits
    })
}

function countDigits(text: string): number {
  let digits = 0
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit >= 48 && unit <= 57) digits += 1
  }
  return digits
}
