export {
  type ManualClock,
  manualClock,
  newAuditItem,
  newReviewItem,
  type OpenQueue,
  type OpenQueueForTest,
  type QueueContractCase,
  TEST_START,
} from './harness.ts'
export { queueHasAnOrder } from './order-property.ts'
export { queueContract } from './queue-contract.ts'
export { queueAgreesWithModel } from './queue-property.ts'
export { queueKeepsTenantsApart } from './tenant-property.ts'
