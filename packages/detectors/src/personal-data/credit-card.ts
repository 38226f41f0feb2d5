import { formFinder } from './form-finder.ts'

/** Issuers: the first digits of their cards, and how many digits the cards have (ISO/IEC 7812 ranges, as published). */
const ISSUERS: readonly (readonly [name: string, prefix: RegExp, lengths: readonly number[]])[] = [
  ['Visa', /^4/, [13, 16, 19]],
  ['Mastercard', /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]],
  ['American Express', /^3[47]/, [15]],
  ['Discover', /^(?:6011|64[4-9]|65)/, [16, 19]],
  ['Diners Club', /^3(?:0[0-5]|095|[689])/, [14, 16, 19]],
  ['JCB', /^35(?:2[89]|[3-8])/, [16, 19]],
  ['UnionPay', /^62/, [16, 17, 18, 19]],
  ['Maestro', /^(?:50(?:18|20|38)|5893|6304|6759|676[1-3])/, [16, 18, 19]],
]

/**
 * Numbers of payment cards: of an issuer's range and length, with a valid check digit (Luhn), written in one piece or
 * in the groups that are printed on cards. Test numbers of payment providers count: nothing tells them apart.
 */
export const CREDIT_CARD_FINDER = formFinder({
  kind: 'credit-card',
  form: /(?<![\p{Script=Latin}\d_]|\d[.,])(?:\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?|\d{4}([ -])\d{6}\2\d{4,5}|\d{13,19})(?![\p{Script=Latin}\d_]|[.,]\d)/u,
  maxCharacters: 23,
  isValid: (candidate) => {
    const digits = candidate.replaceAll(/[ -]/g, '')
    return isOfIssuer(digits) && hasLuhnDigit(digits)
  },
  source: `${ISSUERS}`,
})

function isOfIssuer(digits: string): boolean {
  return ISSUERS.some(([, prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length))
}

/** ISO/IEC 7812-1, annex B. */
export function hasLuhnDigit(digits: string): boolean {
  let sum = 0
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48
    const weighted = at % 2 === 1 ? digit * 2 : digit
    sum += weighted > 9 ? weighted - 9 : weighted
  }
  return sum % 10 === 0
}
