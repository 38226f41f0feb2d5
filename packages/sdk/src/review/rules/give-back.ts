import type { ReviewInput } from '../review-store.ts'
import { change, entry, unclaimed } from './change.ts'
import { requireHeld } from './require-item.ts'
import { ask, type RowProgram } from './review-rows.ts'

/** The most reviewers that an item remembers as having skipped it: the last ones. */
const MOST_SKIPS = 64

/** Puts an item back. */
export function* release(at: number, given: ReviewInput<'release'>): RowProgram<void> {
  const { reason } = given
  const item = yield* requireHeld('release', given)
  const event = entry('released', at, item.claim.reviewer, { reason })
  yield* ask('update', change({ ...unclaimed(item), state: 'open' }, event))
}

/** Puts an item back for others. */
export function* skip(at: number, given: ReviewInput<'skip'>): RowProgram<void> {
  const { reason } = given
  const item = yield* requireHeld('skip', given)
  const { reviewer } = item.claim
  const skippedBy = [...item.skippedBy.filter((other) => other !== reviewer), reviewer].slice(-MOST_SKIPS)
  const event = entry('skipped', at, reviewer, { reason })
  yield* ask('update', change({ ...unclaimed(item), state: 'open', skippedBy }, event))
}
