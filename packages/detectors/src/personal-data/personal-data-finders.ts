import type { CountryCode } from 'libphonenumber-js/max'
import type { Finder } from '../patterns/finder.ts'
import { CREDIT_CARD_FINDER } from './credit-card.ts'
import { EMAIL_FINDER } from './email.ts'
import { IBAN_FINDER } from './iban.ts'
import { IPV4_FINDER, IPV6_FINDER } from './ip-address.ts'
import { NATIONAL_ID_FINDERS } from './national-ids.ts'
import { phoneFinder } from './phone.ts'

/** The finders of some kinds. In a file of its own, which is loaded when first needed, with the libraries behind it. */
export function personalDataFinders(
  kinds: readonly string[],
  countries: readonly CountryCode[],
): readonly Finder[] {
  const finders = [
    ...[CREDIT_CARD_FINDER, EMAIL_FINDER, IBAN_FINDER, IPV4_FINDER, IPV6_FINDER],
    ...NATIONAL_ID_FINDERS,
    phoneFinder(countries),
  ]
  return finders.filter((finder) => finder.labels.some((label) => kinds.includes(label)))
}
