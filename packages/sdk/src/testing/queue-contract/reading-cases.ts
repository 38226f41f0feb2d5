import assert from 'node:assert/strict'
import type { ReviewFilter, ReviewQueue } from '../../review/review-queue.ts'
import {
  assertSame,
  caseOn,
  claimed,
  decided,
  newAuditItem,
  newReviewItem,
  type OpenQueueForTest,
  rejectsWith,
  TEST_START,
} from './harness.ts'

/** Lists, counts and the log. */
export function readingCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('lists every item once, in the order of claims, whatever the size of the page', async ({ queue }) => {
      for (let turn = 0; turn < 12; turn++) {
        await queue.enqueue(
          newReviewItem({
            priority: turn % 3,
            deadlineAt: TEST_START + 60_000 + (turn % 2) * 10,
            kind: turn % 2 ? 'input' : 'output',
          }),
        )
      }
      await queue.enqueue(newAuditItem())
      for (const turn of [1, 2, 3])
        await decided(queue, (await claimed(queue, 'ada')).item.id, turn === 1 ? 'approve' : 'reject')
      await claimed(queue, 'ada')

      const whole = await idsOf(queue, {}, 500)

      assert.equal(new Set(whole).size, 13)
      for (const limit of [1, 2, 5, 13]) assertSame(await idsOf(queue, {}, limit), whole)
    }),

    it('neither skips nor repeats what stays, when items come and go between pages', async ({ queue }) => {
      const items = []
      for (let turn = 0; turn < 9; turn++) items.push(await queue.enqueue(newReviewItem()))
      const first = await queue.list({ states: ['open'], limit: 3 })

      await queue.enqueue(newReviewItem({ priority: 10 }))
      for (const index of [1, 2, 3]) await decided(queue, items[index]?.id ?? '', 'approve')
      const rest = await idsOf(queue, { states: ['open'], ...(first.next && { after: first.next }) }, 2)

      assertSame(
        first.items.map(({ id }) => id),
        items.slice(0, 3).map(({ id }) => id),
      )
      assertSame(
        rest,
        items.slice(4).map(({ id }) => id),
      )
    }),

    it('filters by tenant, state and kind, and names the last page by leaving out `next`', async ({
      queue,
    }) => {
      const mine = await queue.enqueue(newReviewItem())
      const output = await queue.enqueue(newReviewItem({ kind: 'output' }))
      const audit = await queue.enqueue(newAuditItem({ tenant: 'globex' }))
      await decided(queue, mine.id, 'approve')
      const list = async (filter: ReviewFilter) => (await queue.list(filter)).items.map(({ id }) => id)

      assertSame(await list({ tenant: 'acme' }), [mine.id, output.id])
      assertSame(await list({ states: ['approved'] }), [mine.id])
      assertSame(await list({ states: ['open', 'open'] }), [output.id, audit.id])
      assertSame(await list({ kind: 'audit' }), [audit.id])
      assertSame(await list({ kind: 'audit', tenant: 'acme' }), [])
      assertSame(await list({ states: [] }), [])
      assert.equal((await queue.list({ limit: 3 })).next, undefined)
    }),

    it('lists without any text where none is asked for', async ({ queue }) => {
      const canary = 'canary-77d1'
      const said = await queue.enqueue(
        newReviewItem({
          kind: 'output',
          content: { messages: [{ role: 'user', parts: [{ type: 'text', text: canary }] }], answer: canary },
        }),
      )
      const { token } = await claimed(queue, 'ada', said.id)
      await queue.decide({ id: said.id, token, outcome: 'edit', answer: canary, note: canary })
      const open = await queue.enqueue(newReviewItem())

      const [whole, bare] = [await queue.list({ limit: 1 }), await queue.list({ content: false, limit: 1 })]
      const rest = await queue.list({ content: false, ...(bare.next && { after: bare.next }) })

      assertSame(
        [bare, rest].flatMap((page) => page.items.map(({ id }) => id)).sort(),
        [said.id, open.id].sort(),
      )
      assert.equal(bare.next, whole.next)
      for (const item of [...bare.items, ...rest.items]) {
        assertSame(item.content, { messages: [] })
        assert.equal(item.erasedAt, undefined)
      }
      assert.ok(!JSON.stringify([bare, rest]).includes(canary))
      assert.equal([...bare.items, ...rest.items].find(({ id }) => id === said.id)?.decision?.outcome, 'edit')
      assert.equal((await queue.get(said.id))?.decision?.note, canary)
    }),

    it('counts the items of each state, of one tenant or of all', async ({ queue, clock }) => {
      await queue.enqueue(newReviewItem({ deadlineAt: TEST_START + 10 }))
      for (const outcome of ['approve', 'reject'] as const) {
        await decided(queue, (await queue.enqueue(newReviewItem({ priority: 5 }))).id, outcome)
      }
      await queue.enqueue(newReviewItem({ tenant: 'globex', priority: 5 }))
      await claimed(queue, 'ada')
      await queue.enqueue(newReviewItem())
      clock.advance(10)

      assertSame(await queue.count(), {
        open: 1,
        claimed: 1,
        decided: 0,
        approved: 1,
        rejected: 1,
        expired: 1,
      })
      assertSame(await queue.count({ tenant: 'globex' }), {
        open: 0,
        claimed: 1,
        decided: 0,
        approved: 0,
        rejected: 0,
        expired: 0,
      })
    }),

    it('refuses filters it does not know and cursors it never gave', async ({ queue }) => {
      for (const filter of [
        { after: 'canary-1' },
        { after: Buffer.from('[1]').toString('base64url') },
        { limit: 0 },
        { limit: 501 },
        { states: ['canary-2'] },
        { canary: 3 },
      ] as unknown as ReviewFilter[]) {
        const message = await rejectsWith('PARAPET_QUEUE_INVALID', queue.list(filter))
        assert.ok(!/canary-/.test(message))
      }
      await rejectsWith('PARAPET_QUEUE_INVALID', queue.events({ limit: 1_001 }))
    }),

    it('logs every change in order, without gaps and without text', async ({ queue, clock }) => {
      const canary = 'canary-0b8e'
      const { id } = await queue.enqueue(
        newReviewItem({
          content: {
            messages: [{ role: 'user', parts: [{ type: 'text', text: canary }] }],
            answer: canary,
            answerText: canary,
          },
        }),
      )
      await queue.view({ id, reviewer: 'eve' })
      const { token } = await claimed(queue, 'ada', id)
      await queue.extend({ id, token })
      await queue.release({ id, token })
      await queue.claim({ reviewer: 'bob', id, leaseMs: 1_000 })
      clock.advance(1_000)
      const last = await claimed(queue, 'cyd', id)
      const item = await queue.decide({ id, token: last.token, outcome: 'approve', note: canary })
      await queue.useGrant({ ticket: id, contentDigest: item.contentDigest, bindingHash: item.bindingHash })
      await queue.erase({ tenant: 'acme', subjectKey: 'person-1' })

      const events = await queue.events()

      assertSame(
        events.map(({ kind, actor }) => `${kind} ${actor}`),
        [
          'enqueued parapet',
          'viewed eve',
          'claimed ada',
          'extended ada',
          'released ada',
          'claimed bob',
          'lapsed parapet',
          'claimed cyd',
          'decided cyd',
          'grant-used parapet',
          'erased parapet',
        ],
      )
      assertSame(
        events.map(({ sequence }) => sequence),
        events.map((_, index) => index + 1),
      )
      assert.ok(!JSON.stringify(events).includes(canary))
      // Each entry but the first and the view is a change of the item.
      assert.equal((await queue.get(id))?.revision, events.length - 1)
    }),

    it('reads the log of one item, of one tenant, and onwards from any entry', async ({ queue }) => {
      const one = await queue.enqueue(newReviewItem())
      const other = await queue.enqueue(newReviewItem({ tenant: 'globex' }))
      await queue.view({ id: one.id, reviewer: 'ada' })
      const numbers = async (filter: Parameters<ReviewQueue['events']>[0]) =>
        (await queue.events(filter)).map(({ sequence }) => sequence)

      assertSame(await numbers({ itemId: one.id }), [1, 3])
      assertSame(await numbers({ tenant: 'globex' }), [2])
      assertSame(await numbers({ itemId: other.id, tenant: 'acme' }), [])
      assertSame(await numbers({ after: 1, limit: 1 }), [2])
      assertSame(await numbers({ after: 3 }), [])
      assertSame(await numbers({ itemId: 'no-such-item' }), [])
    }),
  ]
}

/** The ids of a list, page by page. */
async function idsOf(queue: ReviewQueue, filter: ReviewFilter, limit: number): Promise<string[]> {
  const ids: string[] = []
  let page = await queue.list({ ...filter, limit })
  for (;;) {
    ids.push(...page.items.map(({ id }) => id))
    if (page.next === undefined) return ids
    page = await queue.list({ ...filter, limit, after: page.next })
  }
}
