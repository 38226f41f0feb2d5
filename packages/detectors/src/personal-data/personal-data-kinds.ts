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

/** The longest thing of each kind, in UTF-16 units. */
export const LONGEST_CHARACTERS: Readonly<Record<PersonalDataKind, number>> = {
  'br-cpf': 14,
  'credit-card': 23,
  'de-tax-id': 14,
  email: 254,
  'es-national-id': 11,
  'fr-social-security': 21,
  'gb-national-insurance': 13,
  iban: 62,
  'in-aadhaar': 14,
  'ip-address': 39,
  'it-fiscal-code': 16,
  'mx-curp': 18,
  phone: 40,
  'pl-pesel': 11,
  'us-ssn': 11,
}
