import type { NamedItem } from '../review-store.ts'
import type { StoredItem } from '../stored-item.ts'
import { queueFault } from './queue-fault.ts'
import { ask, type RowProgram } from './review-rows.ts'

/** The item with an id, of a tenant where one is named. */
export function* findItem({ id, tenant }: NamedItem): RowProgram<StoredItem | undefined> {
  const item = yield* ask('find', id)
  return item && (tenant ?? item.tenant) === item.tenant ? item : undefined
}

/** The item with an id, of a tenant and a team where they are named. @throws QueueFault when there is none */
export function* requireItem(
  call: string,
  named: NamedItem & { readonly team?: string | undefined },
): RowProgram<StoredItem> {
  const item = yield* findItem(named)
  if (!item || (named.team ?? item.team) !== item.team) throw queueFault('PARAPET_QUEUE_NOT_FOUND', { call })
  return item
}

/** An item in a reviewer's hands. */
export type HeldItem = StoredItem & Required<Pick<StoredItem, 'claim'>>

/** The item that a claim holds. @throws QueueFault when it holds it no more */
export function* requireHeld(
  call: string,
  { id, tenant, token }: NamedItem & { readonly token: string },
): RowProgram<HeldItem> {
  return held(yield* requireItem(call, { id, tenant }), token)
}

/** @throws QueueFault when the claim holds the item no more */
export function held(item: StoredItem, token: string): HeldItem {
  const { claim } = item
  if (claim?.token !== token) throw queueFault('PARAPET_QUEUE_LEASE_LOST', { id: item.id })
  return { ...item, claim }
}
