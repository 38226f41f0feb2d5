import { formFinder } from './form-finder.ts'

/** Characters of an IBAN, by country: the SWIFT IBAN registry, release 99. */
const LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  `AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24
   FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32
   LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24
   RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30`
    .split(/\s+/)
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

/** One alternative a length, so that a candidate ends where an IBAN of its country does. */
const FORM = [...new Set(Object.values(LENGTHS))]
  .map((length) => {
    const countries = Object.keys(LENGTHS).filter((country) => LENGTHS[country] === length)
    return `(?:${countries.join('|')})\\d\\d(?:[ -]?[A-Z0-9]){${length - 4}}`
  })
  .join('|')

/** Bank account numbers (ISO 13616): of a country's length, with valid check digits, in capitals, grouped or not. */
export const IBAN_FINDER = formFinder({
  kind: 'iban',
  form: new RegExp(`(?<![\\p{Script=Latin}\\d_])(?:${FORM})(?![\\p{Script=Latin}\\d_])`, 'u'),
  maxCharacters: 33 + 29,
  isValid: (candidate) => hasCheckDigits(candidate.replaceAll(/[ -]/g, '')),
})

/** ISO 7064 MOD 97-10 over the rearranged number. */
function hasCheckDigits(iban: string): boolean {
  let remainder = 0
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36)
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97
  }
  return remainder === 1
}
