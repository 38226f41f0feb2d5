import { NO_DEADLINE, type PlacedItem } from './item-row.ts'

/** The order of claims: priority, then deadline, then age. */
export function compareItems(one: PlacedItem, other: PlacedItem): number {
  return (
    other.item.priority - one.item.priority ||
    (one.item.deadlineAt ?? NO_DEADLINE) - (other.item.deadlineAt ?? NO_DEADLINE) ||
    one.order - other.order
  )
}
