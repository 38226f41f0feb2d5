export * from './queue-contract/index.ts'
