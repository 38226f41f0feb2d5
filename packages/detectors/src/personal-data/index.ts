export { DEFAULT_PHONE_COUNTRIES, type PersonalDataOptions, personalData } from './personal-data.ts'
export {
  DEFAULT_PERSONAL_DATA_KINDS,
  type DefaultPersonalDataKind,
  PERSONAL_DATA_KINDS,
  type PersonalDataKind,
} from './personal-data-kinds.ts'
