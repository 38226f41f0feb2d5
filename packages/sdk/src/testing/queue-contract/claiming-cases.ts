import assert from 'node:assert/strict'
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

/** An item is in one reviewer's hands at a time, and comes back. */
export function claimingCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('hands items out by priority, then deadline, then age', async ({ queue }) => {
      const late = { deadlineAt: TEST_START + 90_000 }
      const expected = [5, 0, 1, 4, 2, 3]
      const items: { id: string }[] = []
      for (const changes of [
        {},
        {},
        late,
        { ...late, priority: -1 },
        { deadlineAt: TEST_START + 80_000 },
        { ...late, priority: 7 },
      ]) {
        items.push(await queue.enqueue(newReviewItem(changes)))
      }
      const audit = await queue.enqueue(newAuditItem({ priority: -1 }))

      const order = []
      for (
        let claim = await queue.claim({ reviewer: 'ada' });
        claim;
        claim = await queue.claim({ reviewer: 'ada' })
      ) {
        order.push(claim.item.id)
      }

      assertSame(order, [...expected.map((index) => items[index]?.id), audit.id])
    }),

    it('gives a claim with its token and lease, and shows it on the item without the token', async ({
      queue,
    }) => {
      const { id } = await queue.enqueue(newReviewItem())

      const claim = await queue.claim({ reviewer: 'ada', leaseMs: 5_000 })

      assert.equal(claim?.leaseUntil, TEST_START + 5_000)
      assertSame(claim.item.claim, { reviewer: 'ada', leaseUntil: TEST_START + 5_000 })
      assert.equal(claim.item.revision, 2)
      assertSame(await queue.get(id), claim.item)
    }),

    it('gives the token of a claim to nobody but who claims or extends', async ({ queue }) => {
      const given = newReviewItem({ key: 'again' })
      const { id } = await queue.enqueue(given)
      const { token } = await claimed(queue, 'bob', id)
      const extended = await queue.extend({ id, token, leaseMs: 60_000 })

      const shown = [
        await queue.get(id),
        await queue.view({ id, reviewer: 'eve' }),
        await queue.list(),
        await queue.enqueue(given),
        extended.item,
        await queue.events(),
      ]

      assert.equal(extended.token, token)
      assert.equal((await queue.get(id))?.claim?.reviewer, 'bob')
      for (const each of shown) assert.ok(!JSON.stringify(each).includes(token))
    }),

    it('hands out nothing when nothing is open, and only what a tenant has', async ({ queue }) => {
      assert.equal(await queue.claim({ reviewer: 'ada' }), undefined)
      const { id } = await queue.enqueue(newReviewItem({ tenant: 'globex' }))

      assert.equal(await queue.claim({ reviewer: 'ada', tenant: 'acme' }), undefined)
      await rejectsWith('PARAPET_QUEUE_NOT_FOUND', queue.claim({ reviewer: 'ada', tenant: 'acme', id }))
      assert.equal((await queue.claim({ reviewer: 'ada', tenant: 'globex' }))?.item.id, id)
      assert.equal(await queue.claim({ reviewer: 'ada' }), undefined)
    }),

    it('hands each item to one reviewer when many claim at once', async ({ queue, another }) => {
      const other = await another()
      await Promise.all(Array.from({ length: 12 }, () => queue.enqueue(newReviewItem())))

      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, turn) =>
          (turn % 2 === 0 ? queue : other).claim({ reviewer: `reviewer-${turn}` }),
        ),
      )

      const ids = claims.flatMap((claim) => (claim ? [claim.item.id] : []))
      assert.equal(ids.length, 12)
      assert.equal(new Set(ids).size, 12)
    }),

    it('refuses an item that is in other hands, and renews the lease for the same', async ({
      queue,
      clock,
    }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const first = await claimed(queue, 'ada', id)
      clock.advance(1_000)

      await rejectsWith('PARAPET_QUEUE_CLAIMED', queue.claim({ reviewer: 'bob', id }))
      const renewed = await claimed(queue, 'ada', id)

      assert.equal(renewed.token, first.token)
      assert.equal(renewed.leaseUntil, first.leaseUntil + 1_000)
      assertSame(await kindsOf(queue, id), ['enqueued', 'claimed', 'extended'])
    }),

    it('refuses to claim what is decided, expired or not there', async ({ queue, clock }) => {
      const approved = await queue.enqueue(newReviewItem())
      const expired = await queue.enqueue(newReviewItem())
      await decided(queue, approved.id, 'approve')
      clock.advance(60_000)

      await rejectsWith('PARAPET_QUEUE_DECIDED', queue.claim({ reviewer: 'ada', id: approved.id }))
      await rejectsWith('PARAPET_QUEUE_EXPIRED', queue.claim({ reviewer: 'ada', id: expired.id }))
      await rejectsWith('PARAPET_QUEUE_NOT_FOUND', queue.claim({ reviewer: 'ada', id: 'no-such-item' }))
    }),

    it('puts an item back when its lease runs out, to the millisecond', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const lost = await queue.claim({ reviewer: 'ada', leaseMs: 10_000 })
      assert.ok(lost)

      clock.advance(9_999)
      assert.equal((await queue.get(id))?.state, 'claimed')
      clock.advance(1)
      const item = await queue.get(id)
      assert.equal(item?.state, 'open')
      assert.equal(item.claim, undefined)
      const next = await claimed(queue, 'bob')

      assert.equal(next.item.id, id)
      assert.notEqual(next.token, lost.token)
      for (const call of [
        queue.extend({ id, token: lost.token }),
        queue.release({ id, token: lost.token }),
        queue.decide({ id, token: lost.token, outcome: 'approve' }),
      ]) {
        await rejectsWith('PARAPET_QUEUE_LEASE_LOST', call)
      }
      const lapsed = (await queue.events({ itemId: id })).find(({ kind }) => kind === 'lapsed')
      assert.equal(lapsed?.at, TEST_START + 10_000)
      assertSame(lapsed.detail, { reviewer: 'ada' })
    }),

    it('extends a lease and never shortens it', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const { token } = (await queue.claim({ reviewer: 'ada', leaseMs: 10_000 })) ?? { token: '' }
      clock.advance(1_000)

      const shorter = await queue.extend({ id, token, leaseMs: 1 })
      const longer = await queue.extend({ id, token, leaseMs: 20_000 })

      assert.equal(shorter.leaseUntil, TEST_START + 10_000)
      assert.equal(longer.leaseUntil, TEST_START + 21_000)
      clock.advance(19_999)
      assert.equal((await queue.get(id))?.state, 'claimed')
    }),

    it('takes an item back that is released, with the reason in the log', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const { token } = await claimed(queue, 'ada', id)

      await queue.release({ id, token, reason: 'not-my-language' })

      assert.equal((await queue.get(id))?.state, 'open')
      assertSame((await queue.events({ itemId: id })).at(-1)?.detail, { reason: 'not-my-language' })
      await rejectsWith('PARAPET_QUEUE_LEASE_LOST', queue.release({ id, token }))
      assert.equal((await claimed(queue, 'bob')).item.id, id)
    }),
  ]
}
