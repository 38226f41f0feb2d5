import assert from 'node:assert/strict'
import {
  assertSame,
  caseOn,
  decided,
  newReviewItem,
  type OpenQueueForTest,
  type QueueContractCase,
  rejectsWith,
} from './harness.ts'

/** Far more than any wait needs that ends by itself. */
const LONG_MS = 20_000

/** Who waits is told, whoever decided, and however it ended. */
export function waitingCases(open: OpenQueueForTest): QueueContractCase[] {
  const it = caseOn(open)
  return [
    it('resolves for everyone who waits when the item is decided', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())

      const waits = [1, 2, 3].map(() => queue.wait(id, { timeoutMs: LONG_MS }))
      await decided(queue, id, 'approve')

      assertSame(
        (await Promise.all(waits)).map(({ state }) => state),
        ['approved', 'approved', 'approved'],
      )
    }),

    it('resolves when another handle decides', async ({ queue, another }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const wait = queue.wait(id, { timeoutMs: LONG_MS })
      await queue.get(id)

      await decided(await another(), id, 'reject')

      assert.equal((await wait).state, 'rejected')
    }),

    it('resolves at once for what is settled', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())
      await decided(queue, id, 'reject')

      assert.equal((await queue.wait(id, { timeoutMs: LONG_MS })).state, 'rejected')
    }),

    it('resolves when any reader finds the item expired, or its text erased', async ({ queue, clock }) => {
      const [expiring, erased] = [
        await queue.enqueue(newReviewItem()),
        await queue.enqueue(newReviewItem({ subjectKey: 'p' })),
      ]
      const waits = [expiring, erased].map(({ id }) => queue.wait(id, { timeoutMs: LONG_MS }))

      await queue.erase({ tenant: 'acme', subjectKey: 'p' })
      clock.advance(60_000)
      await queue.count()

      assertSame(
        (await Promise.all(waits)).map(({ state }) => state),
        ['expired', 'rejected'],
      )
    }),

    it('resolves with the item as it is when the time is over', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())

      assert.equal((await queue.wait(id, { timeoutMs: 0 })).state, 'open')
      const wait = queue.wait(id, { timeoutMs: 50 })
      await queue.claim({ reviewer: 'ada', id })

      assert.equal((await wait).state, 'claimed')
    }),

    it('rejects when its signal aborts, before or while it waits', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const controller = new AbortController()
      const wait = queue.wait(id, { timeoutMs: LONG_MS, signal: controller.signal })

      await queue.get(id)
      controller.abort(new Error('canary-c3d2'))

      assert.ok(!(await rejectsWith('PARAPET_QUEUE_ABORTED', wait)).includes('canary'))
      await rejectsWith(
        'PARAPET_QUEUE_ABORTED',
        queue.wait(id, { timeoutMs: LONG_MS, signal: AbortSignal.abort() }),
      )
      assert.equal((await queue.get(id))?.state, 'open')
    }),

    it('refuses to wait for what is not there', async ({ queue }) => {
      await rejectsWith('PARAPET_QUEUE_NOT_FOUND', queue.wait('no-such-item', { timeoutMs: LONG_MS }))
    }),

    it('closes once what is under way is done, and answers nothing after that', async ({ queue }) => {
      const { id } = await queue.enqueue(newReviewItem())
      const wait = queue.wait(id, { timeoutMs: LONG_MS })
      const enqueue = queue.enqueue(newReviewItem())

      await Promise.all([
        queue.close(),
        queue.close(),
        rejectsWith('PARAPET_QUEUE_CLOSED', wait),
        enqueue.then((item) => assert.equal(item.state, 'open')),
      ])

      for (const call of [queue.get(id), queue.enqueue(newReviewItem()), queue.claim({ reviewer: 'ada' })]) {
        await rejectsWith('PARAPET_QUEUE_CLOSED', call)
      }
    }),

    {
      name: 'resolves at the deadline by itself, when nobody reads',
      run: async () => {
        const { queue, dispose } = await open({})
        try {
          const now = Date.now()
          const { id } = await queue.enqueue(
            newReviewItem({ deadlineAt: now + 250, otherwise: 'allow', expiresAt: now + 60_000 }),
          )

          const item = await queue.wait(id, { timeoutMs: LONG_MS })

          assert.equal(item.state, 'expired')
          assert.ok(Date.now() >= now + 250)
          assert.ok(Date.now() < now + LONG_MS / 2)
        } finally {
          await dispose()
        }
      },
    },
  ]
}
