export { writeLargeDecoder } from './large-decoder.ts'
export {
  type RefusingDecoder,
  type RefusingOptions,
  refusingDecoder,
  writeRefusingDecoder,
} from './refusing-decoder.ts'
export { type TinyLayout, tinyDecoder, writeTinyDecoder } from './tiny-decoder.ts'
export { tinyEncoder, writeTinyEncoder } from './tiny-encoder.ts'
export { type RepositoryFiles, tinyConfig, tinyRepository } from './tiny-repository.ts'
