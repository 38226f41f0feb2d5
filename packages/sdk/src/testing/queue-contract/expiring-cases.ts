import assert from 'node:assert/strict'
import type { NewReviewItem } from '../../review/review-item.ts'
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

/** Deadlines hold to the millisecond, for every reader; text goes when it must. */
export function expiringCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('expires an undecided item for every reader from its deadline on', async ({
      queue,
      another,
      clock,
    }) => {
      const other = await another()
      const waiting = await queue.enqueue(newReviewItem())
      const inHands = await queue.enqueue(newReviewItem())
      const { token } = await claimed(queue, 'ada', inHands.id)
      clock.advance(59_999)
      assertSame(await other.count(), {
        open: 1,
        claimed: 1,
        decided: 0,
        approved: 0,
        rejected: 0,
        expired: 0,
      })

      clock.advance(1)

      assertSame(await other.count(), {
        open: 0,
        claimed: 0,
        decided: 0,
        approved: 0,
        rejected: 0,
        expired: 2,
      })
      for (const reader of [queue, other]) {
        assert.equal((await reader.get(waiting.id))?.state, 'expired')
        assert.equal((await reader.list({ states: ['open', 'claimed'] })).items.length, 0)
        assert.equal(await reader.claim({ reviewer: 'bob' }), undefined)
      }
      await rejectsWith('PARAPET_QUEUE_EXPIRED', queue.decide({ id: inHands.id, token, outcome: 'approve' }))
      const item = await queue.get(inHands.id)
      assert.equal(item?.claim, undefined)
      assert.equal(item?.otherwise, 'block')
      assert.equal(item?.decision, undefined)
    }),

    it('logs a deadline at the moment that was due, however late it was noticed', async ({
      queue,
      clock,
    }) => {
      const { id } = await queue.enqueue(newReviewItem({ otherwise: 'allow' }))
      await queue.claim({ reviewer: 'ada', leaseMs: 10_000 })
      clock.advance(500_000)

      const events = await queue.events({ itemId: id })

      assertSame(
        events.slice(2).map(({ kind, at, actor, detail }) => ({ kind, at, actor, detail })),
        [
          { kind: 'lapsed', at: TEST_START + 10_000, actor: 'parapet', detail: { reviewer: 'ada' } },
          { kind: 'expired', at: TEST_START + 60_000, actor: 'parapet', detail: { otherwise: 'allow' } },
        ],
      )
    }),

    it('expires an item that arrives after its deadline', async ({ queue }) => {
      const item = await queue.enqueue(newReviewItem({ deadlineAt: TEST_START - 1 }))

      assert.equal(item.state, 'expired')
      assertSame(await kindsOf(queue, item.id), ['enqueued', 'expired'])
    }),

    it('lets a decision stand that was made before the deadline', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newReviewItem())
      await decided(queue, id, 'approve')
      clock.advance(60_000)

      assert.equal((await queue.get(id))?.state, 'approved')
    }),

    it('erases text at its expiry and keeps row and log', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const { token } = await claimed(queue, 'ada', id)
      const decision = { id, token, outcome: 'approve', note: 'fine' } as const
      await queue.decide(decision)
      clock.advance(3_599_999)
      assert.equal((await queue.get(id))?.content.messages.length, 1)

      clock.advance(1)

      const item = await queue.get(id)
      assertSame(item?.content, { messages: [] })
      assert.equal(item?.erasedAt, TEST_START + 3_600_000)
      assert.equal(item?.decision?.note, undefined)
      assertSame(await kindsOf(queue, id), ['enqueued', 'claimed', 'decided', 'erased'])
      assert.equal((await queue.decide(decision)).state, 'approved')
    }),

    it('keeps nothing that was made of an erased text, and frees its key', async ({ queue, clock }) => {
      const person = { tenant: 'acme', subjectKey: 'person-9' }
      const given = [newReviewItem(person), newReviewItem({ subjectKey: 'another' })]
      const stored = []
      for (const item of given) {
        const first = await queue.enqueue(item)
        await decided(queue, first.id, 'approve')
        stored.push(first)
      }

      await queue.erase(person)
      clock.advance(3_600_000)

      for (const { id, key, contentDigest, bindingHash } of stored) {
        const text = JSON.stringify(await queue.get(id))
        assert.ok(!text.includes(key) && !text.includes(contentDigest))
        for (const digest of [contentDigest, (await queue.get(id))?.contentDigest ?? ''])
          assert.equal(await queue.useGrant({ ticket: id, contentDigest: digest, bindingHash }), false)
      }
      const later = { deadlineAt: TEST_START + 7_200_000, expiresAt: TEST_START + 7_200_000 }
      const [first, second] = [
        await queue.enqueue({ ...given[0], ...later, contentDigest: 'other' } as NewReviewItem),
        await queue.enqueue({ ...given[1], ...later } as NewReviewItem),
      ]
      for (const { id, state } of [first, second]) {
        assert.equal(state, 'open')
        assert.ok(stored.every((was) => was.id !== id))
      }
    }),

    it('expires an audit that nobody looked at when its text goes', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newAuditItem())
      clock.advance(3_600_000)

      assert.equal((await queue.get(id))?.state, 'expired')
      assertSame(
        (await queue.events({ itemId: id })).map(({ kind, detail }) => ({ kind, detail })).slice(1),
        [
          { kind: 'expired', detail: {} },
          { kind: 'erased', detail: { cause: 'expiry' } },
        ],
      )
    }),

    it("erases one person's text, rejects what was undecided, and leaves everybody else's", async ({
      queue,
    }) => {
      const person = { tenant: 'acme', subjectKey: 'person-9' }
      const opened = await queue.enqueue(newReviewItem(person))
      const approved = await queue.enqueue(newReviewItem(person))
      const inHands = await queue.enqueue(newReviewItem(person))
      const elsewhere = await queue.enqueue(newReviewItem({ ...person, tenant: 'globex' }))
      const somebody = await queue.enqueue(newReviewItem())
      await decided(queue, approved.id, 'approve')
      const { token } = await claimed(queue, 'ada', inHands.id)

      assert.equal(await queue.erase(person), 3)

      for (const { id } of [opened, approved, inHands]) {
        const item = await queue.get(id)
        assertSame(item?.content, { messages: [] })
        assert.equal(item?.erasedAt, TEST_START)
        assertSame((await queue.events({ itemId: id })).at(-1)?.detail, { cause: 'subject' })
      }
      assertSame((await queue.get(opened.id))?.decision, {
        reviewer: 'parapet',
        outcome: 'reject',
        reason: 'erased',
        decidedAt: TEST_START,
      })
      assert.equal((await queue.get(approved.id))?.state, 'approved')
      await rejectsWith('PARAPET_QUEUE_DECIDED', queue.decide({ id: inHands.id, token, outcome: 'approve' }))
      for (const { id } of [elsewhere, somebody])
        assert.equal((await queue.get(id))?.content.messages.length, 1)
      assert.equal(await queue.erase(person), 0)
    }),
  ]
}
