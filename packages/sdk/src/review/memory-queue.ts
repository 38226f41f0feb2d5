import { memoryStore } from './memory-store.ts'
import type { ReviewQueue } from './review-queue.ts'
import { StoreQueue, type StoreQueueOptions } from './store-queue.ts'

/** A queue within the process, for tests and trials: the guarantees of every queue but durability. */
export function memoryQueue(options: StoreQueueOptions = {}): ReviewQueue {
  return new StoreQueue(memoryStore(), options)
}
