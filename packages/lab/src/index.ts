export * from './metrics/index.ts'
export * from './judge/index.ts'
export * from './prove/index.ts'
export * from './report/index.ts'
