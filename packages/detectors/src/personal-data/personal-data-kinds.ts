/** Every kind of personal data that can be asked for: the labels of `personalData()`. */
export const PERSONAL_DATA_KINDS = [
  'br-cpf',
  'credit-card',
  'de-tax-id',
  'email',
  'es-national-id',
  'fr-social-security',
  'gb-national-insurance',
  'iban',
  'in-aadhaar',
  'ip-address',
  'it-fiscal-code',
  'mx-curp',
  'phone',
  'pl-pesel',
  'us-ssn',
] as const

export type PersonalDataKind = (typeof PERSONAL_DATA_KINDS)[number]

/** Kinds that are looked for when none are named: all but `ip-address`, which is more often a server's. */
export type DefaultPersonalDataKind = Exclude<PersonalDataKind, 'ip-address'>

export const DEFAULT_PERSONAL_DATA_KINDS: readonly DefaultPersonalDataKind[] = PERSONAL_DATA_KINDS.filter(
  (kind): kind is DefaultPersonalDataKind => kind !== 'ip-address',
)
