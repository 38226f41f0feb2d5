export { type TinyLayout, tinyDecoder, writeTinyDecoder } from './tiny-decoder.ts'
export { tinyEncoder, writeTinyEncoder } from './tiny-encoder.ts'
export { type RepositoryFiles, tinyConfig, tinyRepository } from './tiny-repository.ts'
