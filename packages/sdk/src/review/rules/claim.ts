import { randomUUID } from 'node:crypto'
import type { ReviewInput, StoredClaim } from '../review-store.ts'
import type { StoredItem } from '../stored-item.ts'
import { change, entry } from './change.ts'
import { requireUndecided } from './item-state.ts'
import { queueFault } from './queue-fault.ts'
import { type HeldItem, requireHeld, requireItem } from './require-item.ts'
import { ask, type RowProgram } from './review-rows.ts'

/** Hands the first open item, or the one named, to a reviewer. */
export function* claim(at: number, given: ReviewInput<'claim'>): RowProgram<StoredClaim | undefined> {
  const { reviewer, leaseMs, id, tenant, team, importedBy } = given
  const item =
    id === undefined
      ? yield* ask('firstOpen', { reviewer, tenant, team })
      : yield* requireItem('claim', { id, tenant, team })
  if (!item) return undefined
  requireUndecided(item)
  if (item.claim?.reviewer === reviewer)
    return yield* renew(at, { ...item, claim: item.claim }, leaseMs, importedBy)
  if (item.claim) {
    const { leaseUntil } = item.claim
    throw queueFault('PARAPET_QUEUE_CLAIMED', { id: item.id, leaseUntil })
  }
  if (isBarred(item, reviewer)) throw queueFault('PARAPET_QUEUE_BARRED', { id: item.id })
  const leaseUntil = at + leaseMs
  const taken: HeldItem = {
    ...item,
    state: 'claimed',
    claim: { reviewer, token: randomUUID(), leaseUntil },
  }
  const changed = change(taken, entry('claimed', at, reviewer, { leaseUntil, importedBy }))
  yield* ask('update', changed)
  return toClaim(changed.item)
}

/** Extends the lease of a claim. */
export function* extend(at: number, given: ReviewInput<'extend'>): RowProgram<StoredClaim> {
  const item = yield* requireHeld('extend', given)
  return yield* renew(at, item, given.leaseMs)
}

function* renew(at: number, item: HeldItem, leaseMs: number, importedBy?: string): RowProgram<StoredClaim> {
  const leaseUntil = Math.max(item.claim.leaseUntil, at + leaseMs)
  const changed = change(
    { ...item, claim: { ...item.claim, leaseUntil } },
    entry('extended', at, item.claim.reviewer, { leaseUntil, importedBy }),
  )
  yield* ask('update', changed)
  return toClaim(changed.item)
}

/** Nobody gives two opinions, or decides an appeal against a decision of their own. Who skipped an item may come back. */
function isBarred({ barred, given }: StoredItem, reviewer: string): boolean {
  return barred.includes(reviewer) || given.some((opinion) => opinion.reviewer === reviewer)
}

function toClaim(item: StoredItem): StoredClaim {
  const { claim } = item
  if (!claim) throw queueFault('PARAPET_QUEUE_LEASE_LOST', { id: item.id })
  return { item, token: claim.token, leaseUntil: claim.leaseUntil }
}
