import assert from 'node:assert/strict'
import type { ReviewQueue } from '../../review/review-queue.ts'
import {
  assertSame,
  caseOn,
  claimed,
  decided,
  kindsOf,
  newAuditItem,
  newReviewItem,
  type OpenQueueForTest,
  rejectsWith,
  TEST_START,
} from './harness.ts'

/** An end user may appeal once, with a token that only they have. */
export function appealingCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('opens a new item about the same content, for another reviewer', async ({ queue, clock }) => {
      const first = await rejected(queue, { team: 'day' })
      const { token } = await queue.offerAppeal({ id: first.id, tenant: 'acme' })
      clock.advance(100)

      const appeal = await queue.appeal({ token, statement: 'It was a joke.', withinMs: 1_000 })

      const { id, appeals, state, contentDigest, bindingHash, team, otherwise, deadlineAt, expiresAt } =
        appeal
      assertSame(
        { appeals, state, contentDigest, bindingHash, team, otherwise, deadlineAt, expiresAt },
        {
          appeals: first.id,
          state: 'open',
          contentDigest: first.contentDigest,
          bindingHash: first.bindingHash,
          team: 'day',
          otherwise: 'block',
          deadlineAt: TEST_START + 1_100,
          expiresAt: first.expiresAt,
        },
      )
      assertSame(appeal.content, { ...first.content, statement: 'It was a joke.' })
      assert.equal((await queue.get(first.id))?.appealedBy, id)
      assert.equal(await queue.claim({ reviewer: 'ada' }), undefined)
      await rejectsWith('PARAPET_QUEUE_BARRED', queue.claim({ reviewer: 'ada', id }))
      await decided(queue, id, 'approve', 'bob')
      assert.equal(await queue.useGrant({ ticket: id, contentDigest, bindingHash }), true)
      assertSame((await kindsOf(queue, first.id)).slice(3), ['appeal-offered', 'appealed'])
      assert.equal((await queue.events({ itemId: id }))[0]?.actor, 'end-user')
    }),

    it('takes one appeal an item: the same token gives the same appeal', async ({ queue, another }) => {
      const other = await another()
      const { id } = await rejected(queue)
      const { token } = await queue.offerAppeal({ id })

      const appeals = await Promise.all(
        Array.from({ length: 6 }, (_, turn) => (turn % 2 ? queue : other).appeal({ token })),
      )

      assert.equal(new Set(appeals.map((appeal) => appeal.id)).size, 1)
      await rejectsWith('PARAPET_QUEUE_APPEAL_REFUSED', queue.offerAppeal({ id }))
    }),

    it('takes the last token that was offered, and no other', async ({ queue }) => {
      const { id } = await rejected(queue)
      const { token: replaced } = await queue.offerAppeal({ id })
      const { token } = await queue.offerAppeal({ id })

      for (const forged of [replaced, `${id}.${'A'.repeat(43)}`, id, `${id}.`, '.', `other${token}`])
        await rejectsWith('PARAPET_QUEUE_APPEAL_REFUSED', queue.appeal({ token: forged }))
      assert.equal((await queue.appeal({ token })).appeals, id)
    }),

    it('refuses appeals against what was not denied, what is an appeal, and other tenants’ items', async ({
      queue,
    }) => {
      const open = await queue.enqueue(newReviewItem())
      const approved = await queue.enqueue(newReviewItem())
      await decided(queue, approved.id, 'approve')
      const audit = await queue.enqueue(newAuditItem())
      await decided(queue, audit.id, 'reject')
      const denied = await rejected(queue)
      const { token } = await queue.offerAppeal({ id: denied.id })
      const appeal = await queue.appeal({ token })
      await decided(queue, appeal.id, 'reject', 'bob')

      for (const { id } of [open, approved, audit, appeal])
        await rejectsWith('PARAPET_QUEUE_APPEAL_REFUSED', queue.offerAppeal({ id }))
      await rejectsWith('PARAPET_QUEUE_NOT_FOUND', queue.offerAppeal({ id: denied.id, tenant: 'globex' }))
    }),

    it('allows an appeal against what nobody decided in time', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const allowed = await queue.enqueue(newReviewItem({ otherwise: 'allow' }))
      clock.advance(60_000)

      const { token } = await queue.offerAppeal({ id })

      assert.equal((await queue.appeal({ token })).state, 'open')
      await rejectsWith('PARAPET_QUEUE_APPEAL_REFUSED', queue.offerAppeal({ id: allowed.id }))
    }),

    it('comes to an end with the text of the first, by time or by erasure', async ({ queue, clock }) => {
      const first = await rejected(queue, { subjectKey: 'one' })
      const second = await rejected(queue, { subjectKey: 'two' })
      const { token } = await queue.offerAppeal({ id: first.id })
      const appeal = await queue.appeal({ token, withinMs: 2_592_000_000 })
      const late = await queue.offerAppeal({ id: second.id })

      assert.equal(appeal.deadlineAt, first.expiresAt)
      assert.equal(await queue.erase({ tenant: 'acme', subjectKey: 'one' }), 2)
      assert.equal((await queue.get(appeal.id))?.state, 'rejected')
      clock.advance(3_600_000)
      await rejectsWith('PARAPET_QUEUE_APPEAL_REFUSED', queue.appeal({ token: late.token }))
    }),
  ]
}

async function rejected(queue: ReviewQueue, changes: Parameters<typeof newReviewItem>[0] = {}) {
  const { id } = await queue.enqueue(newReviewItem(changes))
  const { token } = await claimed(queue, 'ada', id)
  return queue.decide({ id, token, outcome: 'reject' })
}
