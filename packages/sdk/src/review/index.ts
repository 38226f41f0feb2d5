export { problemsOf } from './arguments.ts'
export { QUEUE_ERRORS, type QueueErrorCode, queueError } from './errors.ts'
export { memoryQueue } from './memory-queue.ts'
export * from './review-item.ts'
export type * from './review-queue.ts'
export { type ReviewFacts, type ReviewRoute, routeReview } from './review-route.ts'
export { type ReviewStats, reviewStats } from './review-stats.ts'
export type * from './review-store.ts'
export {
  DEFAULT_LEASE_MS,
  DEFAULT_MAX_ITEM_BYTES,
  StoreQueue,
  type StoreQueueOptions,
} from './store-queue.ts'
export type { NewStoredItem, StoredItem, StoredOpinion } from './stored-item.ts'
