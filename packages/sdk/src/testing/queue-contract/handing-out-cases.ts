import assert from 'node:assert/strict'
import {
  assertSame,
  caseOn,
  claimed,
  decided,
  kindsOf,
  newReviewItem,
  type OpenQueueForTest,
  rejectsWith,
  TEST_START,
} from './harness.ts'

/** Teams, skips and escalation: who is handed what. */
export function handingOutCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('hands out, lists and counts what one team has', async ({ queue }) => {
      const day = await queue.enqueue(newReviewItem({ team: 'day' }))
      const night = await queue.enqueue(newReviewItem({ team: 'night', priority: 9 }))
      const other = await queue.enqueue(newReviewItem({ team: 'day', tenant: 'globex', priority: 9 }))

      assertSame(await idsOf(queue.list({ team: 'night' })), [night.id])
      assertSame(await idsOf(queue.list({ team: 'day', tenant: 'acme' })), [day.id])
      assert.equal((await queue.count({ team: 'day' })).open, 2)
      await rejectsWith(
        'PARAPET_QUEUE_NOT_FOUND',
        queue.claim({ reviewer: 'ada', id: day.id, team: 'night' }),
      )
      assert.equal((await queue.claim({ reviewer: 'ada', team: 'day', tenant: 'acme' }))?.item.id, day.id)
      assert.equal((await queue.claim({ reviewer: 'ada', team: 'day' }))?.item.id, other.id)
      assert.equal(await queue.claim({ reviewer: 'ada', team: 'day' }), undefined)
    }),

    it('does not hand an item again to who skipped it, and hands it to others', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem({ priority: 1 }))
      const next = await queue.enqueue(newReviewItem())
      const { token } = await claimed(queue, 'ada')

      await queue.skip({ id, token, reason: 'not-my-language' })

      const again = await claimed(queue, 'ada')
      assert.equal(again.item.id, next.id)
      assert.equal(await queue.claim({ reviewer: 'ada' }), undefined)
      const { kind, actor, detail } = (await queue.events({ itemId: id })).at(-1) ?? {}
      assertSame(
        { kind, actor, detail },
        { kind: 'skipped', actor: 'ada', detail: { reason: 'not-my-language' } },
      )
      assert.equal((await claimed(queue, 'bob')).item.id, id)
    }),

    it('lets who skipped an item have it by its name', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const { token } = await claimed(queue, 'ada')
      await queue.skip({ id, token, reason: 'later' })

      assert.equal((await claimed(queue, 'ada', id)).item.id, id)
      await rejectsWith('PARAPET_QUEUE_LEASE_LOST', queue.skip({ id, token, reason: 'later' }))
    }),

    it('moves an item that nobody decided to another team, once, at its moment', async ({ queue, clock }) => {
      const escalation = { at: TEST_START + 5_000, team: 'leads', priority: 50 }
      const { id } = await queue.enqueue(newReviewItem({ team: 'day', escalation }))
      clock.advance(4_999)
      assert.equal((await queue.get(id))?.team, 'day')

      clock.advance(3_000)

      const item = await queue.get(id)
      assertSame([item?.team, item?.priority, item?.escalatedAt], ['leads', 50, TEST_START + 5_000])
      const { kind, at, actor, detail } = (await queue.events({ itemId: id })).at(-1) ?? {}
      assertSame(
        { kind, at, actor, detail },
        {
          kind: 'escalated',
          at: TEST_START + 5_000,
          actor: 'parapet',
          detail: { team: 'leads', priority: 50 },
        },
      )
      assert.equal((await queue.claim({ reviewer: 'lea', team: 'leads' }))?.item.id, id)
    }),

    it('leaves an item that is escalated in the hands that have it', async ({ queue, clock }) => {
      const escalation = { at: TEST_START + 5_000, team: 'leads' }
      const { id } = await queue.enqueue(newReviewItem({ priority: 3, escalation }))
      const { token } = await claimed(queue, 'ada')

      clock.advance(5_000)

      const item = await queue.get(id)
      assertSame([item?.state, item?.team, item?.priority], ['claimed', 'leads', 3])
      assert.equal((await queue.decide({ id, token, outcome: 'approve' })).state, 'approved')
    }),

    it('escalates nothing that was decided, or whose deadline came first', async ({ queue, clock }) => {
      const escalation = { at: TEST_START + 60_000, team: 'leads' }
      const late = await queue.enqueue(newReviewItem({ escalation }))
      const early = await queue.enqueue(newReviewItem({ escalation: { ...escalation, at: TEST_START + 10 } }))
      const { token } = await claimed(queue, 'ada', early.id)
      await queue.decide({ id: early.id, token, outcome: 'reject' })

      clock.advance(60_000)

      assertSame(await kindsOf(queue, late.id), ['enqueued', 'expired'])
      assertSame(await kindsOf(queue, early.id), ['enqueued', 'claimed', 'decided'])
    }),

    it('goes by its clock, also when that is set back', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newReviewItem())
      await queue.claim({ reviewer: 'ada', id, leaseMs: 1_000 })
      clock.advance(-600_000)
      const before = await queue.enqueue(newReviewItem({ priority: 1 }))

      assert.equal((await queue.get(id))?.state, 'claimed')
      assert.equal(
        (await decided(queue, before.id, 'approve', 'bob')).decision?.decidedAt,
        TEST_START - 600_000,
      )
      clock.advance(601_000)
      assert.equal((await claimed(queue, 'bob')).item.id, id)
      const events = await queue.events()
      assertSame(
        events.map(({ sequence }) => sequence),
        events.map((_, index) => index + 1),
      )
    }),

    it('refuses reviewers who call themselves what is not a reviewer', async ({ queue }) => {
      for (const reviewer of ['parapet', 'end-user'])
        await rejectsWith('PARAPET_QUEUE_INVALID', queue.claim({ reviewer }))
    }),
  ]
}

async function idsOf(
  page: Promise<{ readonly items: readonly { readonly id: string }[] }>,
): Promise<string[]> {
  return (await page).items.map(({ id }) => id)
}
