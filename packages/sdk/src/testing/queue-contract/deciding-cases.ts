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

/** An item is decided once, by whom it was handed to. */
export function decidingCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('keeps who decided what, when and why', async ({ queue, clock }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const { token } = await claimed(queue, 'ada', id)
      clock.advance(1_234)

      const item = await queue.decide({
        id,
        token,
        outcome: 'reject',
        reason: 'real-harm',
        note: 'Clear case.',
      })

      assert.equal(item.state, 'rejected')
      assertSame(item.decision, {
        reviewer: 'ada',
        outcome: 'reject',
        reason: 'real-harm',
        note: 'Clear case.',
        decidedAt: TEST_START + 1_234,
      })
      assert.equal(item.claim, undefined)
      assert.equal(item.revision, 3)
      assertSame(await queue.get(id), item)
    }),

    it('refuses a second decision and takes the same one again as done', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const { token } = await claimed(queue, 'ada', id)
      const decision = { id, token, outcome: 'approve', note: 'fine' } as const
      const item = await queue.decide(decision)

      assertSame(await queue.decide(decision), item)
      await rejectsWith('PARAPET_QUEUE_DECIDED', queue.decide({ ...decision, outcome: 'reject' }))
      await rejectsWith('PARAPET_QUEUE_DECIDED', queue.decide({ ...decision, note: 'another' }))
      await rejectsWith('PARAPET_QUEUE_DECIDED', queue.decide({ ...decision, token: 'another' }))
      assertSame(await kindsOf(queue, id), ['enqueued', 'claimed', 'decided'])
    }),

    it('is decided once when opposite decisions come at once', async ({ queue, another }) => {
      const other = await another()
      const { id } = await queue.enqueue(newReviewItem())
      const { token } = await claimed(queue, 'ada', id)

      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, turn) =>
          (turn % 2 === 0 ? queue : other).decide({
            id,
            token,
            outcome: turn % 2 === 0 ? 'approve' : 'reject',
          }),
        ),
      )

      const state = (await queue.get(id))?.state
      const made = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value.state] : [],
      )
      assertSame(new Set(made), new Set([state]))
      assert.equal(made.length, 5)
      assert.equal((await kindsOf(queue, id)).filter((kind) => kind === 'decided').length, 1)
    }),

    it('refuses to decide what nobody holds, what another holds, and what is not there', async ({
      queue,
    }) => {
      const { id } = await queue.enqueue(newReviewItem())
      await rejectsWith('PARAPET_QUEUE_LEASE_LOST', queue.decide({ id, token: 'none', outcome: 'approve' }))
      await claimed(queue, 'ada', id)

      await rejectsWith('PARAPET_QUEUE_LEASE_LOST', queue.decide({ id, token: 'bobs', outcome: 'approve' }))
      await rejectsWith(
        'PARAPET_QUEUE_NOT_FOUND',
        queue.decide({ id: 'none', token: 'x', outcome: 'approve' }),
      )
      assert.equal((await queue.get(id))?.state, 'claimed')
    }),

    it('refuses a reason that has room for text, in decisions and releases', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const { token } = await claimed(queue, 'ada', id)
      const reason = 'the user wrote canary-77aa'

      for (const call of [
        queue.decide({ id, token, outcome: 'reject', reason }),
        queue.release({ id, token, reason }),
      ]) {
        assert.ok(!(await rejectsWith('PARAPET_QUEUE_INVALID', call)).includes('canary'))
      }
    }),

    it('lets a grant be used once, for its content and binding alone', async ({ queue }) => {
      const { id: ticket, contentDigest, bindingHash } = await queue.enqueue(newReviewItem())
      const grant = { ticket, contentDigest, bindingHash }
      assert.equal(await queue.useGrant(grant), false)
      await decided(queue, ticket, 'approve')

      assert.equal(await queue.useGrant({ ...grant, contentDigest: 'other' }), false)
      assert.equal(await queue.useGrant({ ...grant, bindingHash: 'other' }), false)
      assert.equal(await queue.useGrant({ ...grant, ticket: 'other' }), false)
      assert.equal(await queue.useGrant(grant), true)
      assert.equal(await queue.useGrant(grant), false)
      assert.equal((await queue.get(ticket))?.grantUsedAt, TEST_START)
      assertSame(await kindsOf(queue, ticket), ['enqueued', 'claimed', 'decided', 'grant-used'])
    }),

    it('gives a grant to one of many that ask at once', async ({ queue, another }) => {
      const other = await another()
      const { id: ticket, contentDigest, bindingHash } = await queue.enqueue(newReviewItem())
      await decided(queue, ticket, 'approve')

      const used = await Promise.all(
        Array.from({ length: 10 }, (_, turn) =>
          (turn % 2 === 0 ? queue : other).useGrant({ ticket, contentDigest, bindingHash }),
        ),
      )

      assert.equal(used.filter(Boolean).length, 1)
    }),

    it('gives no grant for what was rejected, expired into block, or was an audit', async ({
      queue,
      clock,
    }) => {
      const rejected = await queue.enqueue(newReviewItem())
      const blocked = await queue.enqueue(newReviewItem())
      const allowed = await queue.enqueue(newReviewItem({ otherwise: 'allow' }))
      const { deadlineAt: _, otherwise: __, ...auditItem } = newReviewItem({ kind: 'audit' })
      const audit = await queue.enqueue(auditItem)
      await decided(queue, rejected.id, 'reject')
      await decided(queue, audit.id, 'approve')
      clock.advance(60_000)

      const used = []
      for (const { id: ticket, contentDigest, bindingHash } of [rejected, blocked, allowed, audit]) {
        used.push(await queue.useGrant({ ticket, contentDigest, bindingHash }))
      }

      assertSame(used, [false, false, true, false])
    }),

    it('logs who took a decision over from elsewhere, beside the reviewer whose it is', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem({ opinions: 2 }))
      for (const reviewer of ['ada', 'bob']) {
        const claim = await queue.claim({ reviewer, id, importedBy: 'importer' })
        await queue.claim({ reviewer, id, importedBy: 'importer' })
        await queue.decide({ id, token: claim?.token ?? '', outcome: 'approve', importedBy: 'importer' })
      }

      const [, ...events] = await queue.events({ itemId: id })
      assertSame(
        events.map(({ kind, actor, detail }) => [kind, actor, detail['importedBy']]),
        ['ada', 'bob'].flatMap((reviewer, index) =>
          ['claimed', 'extended', index === 0 ? 'opinion' : 'decided'].map((kind) => [
            kind,
            reviewer,
            'importer',
          ]),
        ),
      )
      await rejectsWith('PARAPET_QUEUE_INVALID', queue.claim({ reviewer: 'ada', importedBy: 'parapet' }))
    }),
  ]
}
