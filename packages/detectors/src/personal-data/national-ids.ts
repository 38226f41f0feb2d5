import { validate as isBrazilianCpf } from 'stdnum/lib/cjs/br/cpf.js'
import { validate as isGermanTaxId } from 'stdnum/lib/cjs/de/idnr.js'
import { validate as isSpanishDni } from 'stdnum/lib/cjs/es/dni.js'
import { validate as isSpanishNie } from 'stdnum/lib/cjs/es/nie.js'
import { validate as isFrenchNir } from 'stdnum/lib/cjs/fr/nir.js'
import { validate as isBritishNino } from 'stdnum/lib/cjs/gb/nino.js'
import { validate as isAadhaar } from 'stdnum/lib/cjs/in/aadhaar.js'
import { validate as isItalianFiscalCode } from 'stdnum/lib/cjs/it/codicefiscale.js'
import { validate as isMexicanCurp } from 'stdnum/lib/cjs/mx/curp.js'
import { validate as isPolishPesel } from 'stdnum/lib/cjs/pl/pesel.js'
import { type Form, formFinder } from './form-finder.ts'

/** Social security numbers that were printed in advertisements and belong to nobody. */
const PUBLISHED_SSNS = ['078051120', '219099999', '457555462']

/** What is written as digits alone counts only behind a name of the number. */
const NAMED = {
  'br-cpf': /\bcpf\b/i,
  'de-tax-id': /steuer|tax\s?id|\bidnr\b|identifikationsnummer|\btin\b/i,
  'in-aadhaar': /aadhaar|aadhar|uidai|\buid\b/i,
  'pl-pesel': /pesel/i,
  'us-ssn': /\bssn\b|social\s+security|tax\s?id|\btin\b/i,
} as const

const FORMS: readonly Form[] = [
  {
    kind: 'br-cpf',
    form: /(?<![\w.-])(?:\d{3}\.\d{3}\.\d{3}-\d{2}|\d{11})(?![\w-]|\.\d)/,
    maxCharacters: 14,
    isValid: (found, before) =>
      (found.includes('.') || NAMED['br-cpf'].test(before)) && isBrazilianCpf(found).isValid,
  },
  {
    kind: 'de-tax-id',
    form: /(?<![\w.-])(?:\d{2} \d{3} \d{3} \d{3}|\d{11})(?![\w-]|[.,]\d)/,
    maxCharacters: 14,
    isValid: (found, before) => NAMED['de-tax-id'].test(before) && isGermanTaxId(found).isValid,
  },
  {
    kind: 'es-national-id',
    form: /(?<![\p{Script=Latin}\d_-])(?:\d{8}|[XYZxyz][- ]?\d{7})[- ]?[A-HJ-NP-TV-Za-hj-np-tv-z](?![\p{Script=Latin}\d_-])/u,
    maxCharacters: 11,
    isValid: (found) => (/^\d/.test(found) ? isSpanishDni(found).isValid : isSpanishNie(found).isValid),
  },
  {
    kind: 'fr-social-security',
    form: /(?<![\w.-])[1-478] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}(?![\w-]|[.,]\d)/,
    maxCharacters: 21,
    isValid: (found) => isFrenchNir(found).isValid,
  },
  {
    kind: 'gb-national-insurance',
    form: /(?<![\w-])[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?\d{2}){3} ?[A-D](?![\w-])/,
    maxCharacters: 13,
    isValid: (found) => isBritishNino(found).isValid,
  },
  {
    kind: 'in-aadhaar',
    form: /(?<![\w.-]|\d[ ])[2-9]\d{3}([ -]?)\d{4}\1\d{4}(?![\w-]|[.,]\d|[ ]\d)/,
    maxCharacters: 14,
    isValid: (found, before) => NAMED['in-aadhaar'].test(before) && isAadhaar(found).isValid,
  },
  {
    kind: 'it-fiscal-code',
    form: /(?<![\p{Script=Latin}\d_])[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z](?![\p{Script=Latin}\d_])/u,
    maxCharacters: 16,
    isValid: (found) => isItalianFiscalCode(found).isValid,
  },
  {
    kind: 'mx-curp',
    form: /(?<![\p{Script=Latin}\d_])[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d(?![\p{Script=Latin}\d_])/u,
    maxCharacters: 18,
    isValid: (found) => isMexicanCurp(found).isValid,
  },
  {
    kind: 'pl-pesel',
    form: /(?<![\w.-])\d{11}(?![\w-]|[.,]\d)/,
    maxCharacters: 11,
    isValid: (found, before) => NAMED['pl-pesel'].test(before) && isPolishPesel(found).isValid,
  },
  {
    kind: 'us-ssn',
    form: /(?<![\w.-])(?!000|666|9)\d{3}([ -]?)(?!00)\d{2}\1(?!0000)\d{4}(?![\w-]|[.,]\d)/,
    maxCharacters: 11,
    isValid: (found, before) =>
      (found.includes('-') || NAMED['us-ssn'].test(before)) &&
      !PUBLISHED_SSNS.includes(found.replaceAll(/\D/g, '')),
  },
]

/** Numbers that states give to persons: of the right form and, where they have them, with valid check digits. */
export const NATIONAL_ID_FINDERS = FORMS.map((form) =>
  formFinder({
    ...form,
    source: `${NAMED[form.kind as keyof typeof NAMED] ?? ''} ${PUBLISHED_SSNS} stdnum 1.12`,
  }),
)
