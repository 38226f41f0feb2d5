export * from './metrics/index.ts'
export * from './plan/index.ts'
