import assert from 'node:assert/strict'
import type { ReviewItem, ReviewOutcome } from '../../review/review-item.ts'
import type { ReviewQueue } from '../../review/review-queue.ts'
import { assertSame, caseOn, claimed, newReviewItem, type OpenQueueForTest, rejectsWith } from './harness.ts'

/** Second opinions, and what reviewers write themselves. */
export function opinionCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('takes two opinions that agree as a decision', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem({ opinions: 2 }))

      const first = await give(queue, id, 'ada', 'reject')
      const second = await give(queue, id, 'bob', 'reject')

      assertSame([first.state, second.state], ['open', 'rejected'])
      assertSame(
        second.given?.map(({ reviewer, outcome }) => [reviewer, outcome]),
        [
          ['ada', 'reject'],
          ['bob', 'reject'],
        ],
      )
      assert.equal(second.decision?.reviewer, 'bob')
    }),

    it('lets a third decide where two disagree, and logs what each said', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem({ opinions: 2, kind: 'output' }))

      await give(queue, id, 'ada', 'approve')
      const second = await give(queue, id, 'bob', 'reject')
      const third = await give(queue, id, 'cleo', 'edit', 'Better so.')

      assertSame([second.state, third.state], ['open', 'approved'])
      assertSame([third.decision?.reviewer, third.decision?.answer], ['cleo', 'Better so.'])
      const last = (await queue.events({ itemId: id })).at(-1)
      assertSame(last?.detail, { outcome: 'edit', opinions: 'approve,reject,edit' })
    }),

    it('shows nobody an opinion before theirs, in items, views, lists or the log', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem({ opinions: 2 }))
      const first = await give(queue, id, 'ada', 'reject', undefined, 'a-reason')
      const claim = await claimed(queue, 'bob', id)

      const shown = [
        first,
        claim.item,
        await queue.get(id),
        await queue.view({ id, reviewer: 'bob' }),
        (await queue.list()).items,
        await queue.events({ itemId: id }),
      ]

      assert.ok(!/"reject"|a-reason|outcome/.test(JSON.stringify(shown)))
    }),

    it('says in the log what was said only once it can be undone no more', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newReviewItem({ opinions: 2, undoMs: 1_000 }))
      await give(queue, id, 'ada', 'reject')
      const { token } = await claimed(queue, 'bob', id)
      await queue.decide({ id, token, outcome: 'reject', reason: 'a-reason' })
      await queue.undo({ id, token })

      const before = JSON.stringify([await queue.get(id), await queue.events({ itemId: id })])
      await give(queue, id, 'cleo', 'reject', undefined, 'a-reason')
      clock.advance(1_000)

      assert.ok(!/"reject"|a-reason|outcome/.test(before))
      const last = (await queue.events({ itemId: id })).at(-1)
      assertSame(last?.detail, { outcome: 'reject', reason: 'a-reason', opinions: 'reject,reject' })
    }),

    it('takes one opinion of each reviewer', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem({ opinions: 2 }))
      const { token } = await claimed(queue, 'ada', id)
      const opinion = { id, token, outcome: 'approve', note: 'fine' } as const
      const given = await queue.decide(opinion)

      assertSame(await queue.decide(opinion), given)
      await rejectsWith('PARAPET_QUEUE_LEASE_LOST', queue.decide({ ...opinion, outcome: 'reject' }))
      await rejectsWith('PARAPET_QUEUE_BARRED', queue.claim({ reviewer: 'ada', id }))
      assert.equal(await queue.claim({ reviewer: 'ada' }), undefined)
    }),

    it('keeps what a reviewer wrote in the place of the answer', async ({ queue }) => {
      const output = await queue.enqueue(newReviewItem({ kind: 'output' }))
      const input = await queue.enqueue(newReviewItem())

      const edited = await give(queue, output.id, 'ada', 'edit', 'Milder.')
      const answered = await give(queue, input.id, 'ada', 'answer', 'Call us.')

      assertSame([edited.state, edited.decision?.answer], ['approved', 'Milder.'])
      assertSame([answered.state, answered.decision?.answer], ['approved', 'Call us.'])
      for (const { id: ticket, contentDigest, bindingHash } of [edited, answered])
        assert.equal(await queue.useGrant({ ticket, contentDigest, bindingHash }), false)
    }),

    it('erases what a reviewer wrote with the rest', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem({ opinions: 2 }))
      await give(queue, id, 'ada', 'answer', 'canary-51d0 one')
      await give(queue, id, 'bob', 'answer', 'canary-51d0 two')

      await queue.erase({ tenant: 'acme', subjectKey: 'person-1' })

      const item = await queue.get(id)
      assert.ok(!JSON.stringify(item).includes('canary'))
      assertSame([item?.state, item?.given?.length, item?.decision?.outcome], ['approved', 2, 'answer'])
    }),

    it('refuses an outcome that a kind does not have, and an answer that does not belong', async ({
      queue,
    }) => {
      const { deadlineAt: _, otherwise: __, ...rest } = newReviewItem({ kind: 'audit', priority: 9 })
      const audit = await queue.enqueue(rest)
      const input = await queue.enqueue(newReviewItem())
      const held = await claimed(queue, 'ada', audit.id)
      const other = await claimed(queue, 'ada', input.id)
      const decide = (id: string, token: string, outcome: ReviewOutcome, answer?: string) =>
        queue.decide({ id, token, outcome, ...(answer !== undefined && { answer }) })

      await rejectsWith('PARAPET_QUEUE_OUTCOME', decide(audit.id, held.token, 'answer', 'x'))
      await rejectsWith('PARAPET_QUEUE_OUTCOME', decide(input.id, other.token, 'edit', 'x'))
      await rejectsWith('PARAPET_QUEUE_INVALID', decide(input.id, other.token, 'answer'))
      await rejectsWith('PARAPET_QUEUE_INVALID', decide(input.id, other.token, 'approve', 'x'))
      assert.equal((await queue.get(input.id))?.state, 'claimed')
    }),

    it('refuses a decision about a revision that is no more', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const { token, item } = await claimed(queue, 'ada', id)
      await queue.extend({ id, token })
      const decision = { id, token, outcome: 'approve' } as const

      await rejectsWith('PARAPET_QUEUE_CHANGED', queue.decide({ ...decision, revision: item.revision }))
      const now = await queue.get(id)
      assert.equal((await queue.decide({ ...decision, revision: now?.revision ?? 0 })).state, 'approved')
    }),
  ]
}

async function give(
  queue: ReviewQueue,
  id: string,
  reviewer: string,
  outcome: ReviewOutcome,
  answer?: string,
  reason?: string,
): Promise<ReviewItem> {
  const { token } = await claimed(queue, reviewer, id)
  return queue.decide({
    id,
    token,
    outcome,
    ...(answer !== undefined && { answer }),
    ...(reason !== undefined && { reason }),
  })
}
