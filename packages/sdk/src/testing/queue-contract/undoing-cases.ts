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

/** A decision can be undone until it takes effect, and nobody acts on it before. */
export function undoingCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('lets nobody act on a decision that can still be undone', async ({ queue, another, clock }) => {
      const other = await another()
      const item = await queue.enqueue(newReviewItem({ undoMs: 5_000 }))
      const { id, contentDigest, bindingHash } = item
      const grant = { ticket: id, contentDigest, bindingHash }
      const waiting = queue.wait(id, { timeoutMs: 20_000 })

      const made = await decided(other, id, 'approve')
      clock.advance(4_999)

      assertSame([made.state, made.effectAt], ['decided', TEST_START + 5_000])
      assert.equal(await queue.useGrant(grant), false)
      assert.equal((await queue.wait(id, { timeoutMs: 0 })).state, 'decided')
      clock.advance(1)
      assert.equal((await queue.get(id))?.state, 'approved')
      assert.equal((await waiting).state, 'approved')
      assert.equal(await queue.useGrant(grant), true)
      const effected = (await queue.events({ itemId: id })).find(({ kind }) => kind === 'effected')
      assertSame([effected?.at, effected?.detail], [TEST_START + 5_000, { outcome: 'approve' }])
    }),

    it('opens an item again whose decision is undone, and forgets what was said', async ({
      queue,
      clock,
    }) => {
      const { id } = await queue.enqueue(newReviewItem({ undoMs: 5_000 }))
      const { token } = await claimed(queue, 'ada', id)
      await queue.decide({ id, token, outcome: 'approve', note: 'canary-2c1e' })
      clock.advance(1_000)

      const item = await queue.undo({ id, token })

      assertSame(
        [item.state, item.decision, item.given, item.effectAt],
        ['open', undefined, undefined, undefined],
      )
      const second = await decided(queue, id, 'reject')
      assert.equal(second.state, 'decided')
      clock.advance(5_000)
      assert.ok(!JSON.stringify(await queue.get(id)).includes('canary'))
      assertSame(await kindsOf(queue, id), [
        'enqueued',
        'claimed',
        'decided',
        'undone',
        'claimed',
        'decided',
        'effected',
      ])
    }),

    it('refuses to undo what is in effect, what is another’s, and what was never decided', async ({
      queue,
      clock,
    }) => {
      const { id } = await queue.enqueue(newReviewItem({ undoMs: 5_000 }))
      const { token } = await claimed(queue, 'ada', id)
      await rejectsWith('PARAPET_QUEUE_UNDO_REFUSED', queue.undo({ id, token }))
      await queue.decide({ id, token, outcome: 'approve' })
      await rejectsWith('PARAPET_QUEUE_UNDO_REFUSED', queue.undo({ id, token: 'bobs' }))
      clock.advance(5_000)

      await rejectsWith('PARAPET_QUEUE_UNDO_REFUSED', queue.undo({ id, token }))
      await rejectsWith('PARAPET_QUEUE_NOT_FOUND', queue.undo({ id: 'none', token }))
    }),

    it('puts a decision into effect at the deadline, and does not let it expire', async ({
      queue,
      clock,
    }) => {
      const { id } = await queue.enqueue(newReviewItem({ undoMs: 120_000 }))
      clock.advance(50_000)
      const made = await decided(queue, id, 'approve')

      clock.advance(10_000)

      assert.equal(made.effectAt, TEST_START + 60_000)
      assert.equal((await queue.get(id))?.state, 'approved')
    }),

    it('rejects what was decided and is erased before it takes effect', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newReviewItem({ undoMs: 5_000 }))
      await decided(queue, id, 'approve')

      await queue.erase({ tenant: 'acme', subjectKey: 'person-1' })
      clock.advance(5_000)

      const item = await queue.get(id)
      assertSame([item?.state, item?.decision?.reviewer], ['rejected', 'parapet'])
    }),
  ]
}
