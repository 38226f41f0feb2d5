export { adapterContract } from './adapter-contract.ts'
export type * from './driver.ts'
