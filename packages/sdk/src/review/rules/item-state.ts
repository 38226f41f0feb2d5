import type { StoredItem } from '../stored-item.ts'
import { queueFault } from './queue-fault.ts'

/** Whether a reviewer may still decide it. */
export function isUndecided({ state }: Pick<StoredItem, 'state'>): boolean {
  return state === 'open' || state === 'claimed'
}

/** @throws QueueFault when an item can be decided no more */
export function requireUndecided(item: StoredItem): void {
  const { id, state, otherwise } = item
  if (state === 'expired')
    throw queueFault('PARAPET_QUEUE_EXPIRED', { id, otherwise: otherwise ?? 'nothing' })
  if (!isUndecided(item)) throw queueFault('PARAPET_QUEUE_DECIDED', { id, state })
}

/** When an undecided item expires: an audit, which has no deadline, when its text goes. */
export function deadlineOf(item: Pick<StoredItem, 'deadlineAt' | 'expiresAt'>): number {
  return item.deadlineAt ?? item.expiresAt
}

/** When an item is escalated; never, when it was or when its deadline comes first. */
export function escalationAt(item: StoredItem): number {
  const at = item.escalatedAt === undefined ? item.escalation?.at : undefined
  return at === undefined || at >= deadlineOf(item) ? Number.POSITIVE_INFINITY : at
}

/** When the next thing happens to an item by itself; undefined for never. */
export function dueAt(item: StoredItem): number | undefined {
  if (item.state === 'decided') return item.effectAt
  if (!isUndecided(item)) return item.contentJson === undefined ? undefined : item.expiresAt
  return Math.min(item.claim?.leaseUntil ?? Number.POSITIVE_INFINITY, deadlineOf(item), escalationAt(item))
}

/** To whom an item is not handed: who skipped it, gave an opinion on it, or decided what it appeals against. */
export function excludedFrom({ skippedBy, barred, given }: StoredItem): readonly string[] {
  return [...new Set([...skippedBy, ...barred, ...given.map(({ reviewer }) => reviewer)])]
}
