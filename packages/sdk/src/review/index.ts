export { problemsOf } from './arguments.ts'
export { QUEUE_ERRORS, type QueueErrorCode, queueError } from './errors.ts'
export { memoryQueue } from './memory-queue.ts'
export * from './review-item.ts'
export type * from './review-queue.ts'
export type {
  NewStoredItem,
  PagePosition,
  ReviewStore,
  ReviewTransactions,
  StoredClaim,
  StoreListener,
} from './review-store.ts'
export { DEFAULT_LEASE_MS, StoreQueue, type StoreQueueOptions } from './store-queue.ts'
export type { StoredItem } from './stored-item.ts'
