import assert from 'node:assert/strict'
import type { ReviewQueue } from '../../review/review-queue.ts'
import { assertSame, rejectsWith } from './harness.ts'

/** What a call is made with that would do, were it not for the tenant. */
interface Credentials {
  /** Of a claim on the item. */
  readonly token?: string
  /** Of a decision that can be undone. */
  readonly undoToken?: string
  readonly appealToken?: string
  readonly grant?: { readonly contentDigest: string; readonly bindingHash: string }
}

/**
 * Asserts that every call about an item that names another tenant finds no such item, whatever else it brings, and leaves the
 * item and the log as they were.
 */
export async function isUnknownTo(
  queue: ReviewQueue,
  tenant: string,
  id: string,
  { token = 'none', undoToken = 'none', appealToken, grant }: Credentials = {},
): Promise<void> {
  const before = [await queue.get(id), await queue.events({ itemId: id, limit: 1_000 })]
  const named = { id, tenant }
  const notFound = (call: Promise<unknown>) => rejectsWith('PARAPET_QUEUE_NOT_FOUND', call)

  assert.equal(await queue.get(id, { tenant }), undefined)
  assert.equal(await queue.view({ ...named, reviewer: 'eve' }), undefined)
  await notFound(queue.claim({ ...named, reviewer: 'eve' }))
  await notFound(queue.extend({ ...named, token }))
  await notFound(queue.release({ ...named, token }))
  await notFound(queue.skip({ ...named, token, reason: 'other' }))
  await notFound(queue.decide({ ...named, token, outcome: 'approve' }))
  await notFound(queue.undo({ ...named, token: undoToken }))
  await notFound(queue.wait(id, { tenant, timeoutMs: 10_000 }))
  await notFound(queue.offerAppeal(named))
  if (appealToken !== undefined)
    await rejectsWith('PARAPET_QUEUE_APPEAL_REFUSED', queue.appeal({ token: appealToken, tenant }))
  if (grant) assert.equal(await queue.useGrant({ ...grant, ticket: id, tenant }), false)
  assertSame(await queue.events({ itemId: id, tenant }), [])

  assertSame([await queue.get(id), await queue.events({ itemId: id, limit: 1_000 })], before)
}
