// The part of the review queue that every store shares, without what only the app's side needs: a store's own thread loads
// this and no more.
export type * from '../review-item.ts'
export type * from '../review-store.ts'
export { decisionOf, type NewStoredItem, type StoredItem, type StoredOpinion } from '../stored-item.ts'
export { settles } from './change.ts'
export { dueAt, excludedFrom } from './item-state.ts'
export { type Fault, QueueFault, queueFault } from './queue-fault.ts'
export type { ReviewRows, RowChange, RowProgram, RowQuestion } from './review-rows.ts'
export { type ReviewReads, rulesOf } from './review-rules.ts'
export { type AsyncReviewRows, runRules, runRulesAsync } from './run-rules.ts'
export { sweep } from './sweep.ts'
