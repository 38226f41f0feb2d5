export { type FitResult, fitDirection } from './fit-direction.ts'
export { DEFAULT_FIT_OPTIONS, type FitOptions } from './fit-options.ts'
export { looksLikeRefusal } from './looks-like-refusal.ts'
export type { DirectionTest, ReadingTest, RefusalRate } from './stages/test-direction.ts'
