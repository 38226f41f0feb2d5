export { isIgnorable } from './ignorable.ts'
export { detectLanguage } from './language.ts'
export {
  DEFAULT_NORMALIZE_OPTIONS,
  type NormalizedText,
  type NormalizeOptions,
  normalizeText,
} from './normalize.ts'
export type { TextRange } from './offset-map.ts'
