import assert from 'node:assert/strict'
import type { NewReviewItem } from '../../review/review-item.ts'
import {
  assertSame,
  caseOn,
  kindsOf,
  newAuditItem,
  newReviewItem,
  type OpenQueueForTest,
  rejectsWith,
  TEST_START,
} from './harness.ts'

/** Items are stored whole, once, or not at all. */
export function storingCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('gives back an item as it was enqueued', async ({ queue }) => {
      const given = newReviewItem({
        kind: 'output',
        priority: -3,
        content: {
          messages: [
            {
              role: 'user',
              parts: [{ type: 'text', text: 'emoji 🙂, half of one \ud83d, a zero \u0000 and \u202e' }],
            },
          ],
          answer: '{"text":"…"}',
          answerText: '…',
        },
        edits: [{ part: 0, start: 1, end: 2, label: 'email', replacement: '[email]', rule: 'r' } as never],
      })

      const item = await queue.enqueue(given)

      assertSame(item, {
        ...given,
        id: item.id,
        team: 'default',
        opinions: 1,
        undoMs: 0,
        state: 'open',
        createdAt: TEST_START,
        revision: 1,
      })
      assertSame(await queue.get(item.id), item)
    }),

    it('stores an audit, which has no deadline and no priority of its own', async ({ queue }) => {
      const item = await queue.enqueue(newAuditItem())

      assert.equal(item.priority, 0)
      assert.equal('deadlineAt' in item, false)
      const undefinedKey = { ...newAuditItem(), subjectKey: undefined } as unknown as NewReviewItem
      for (const given of [withoutSubject(newAuditItem()), undefinedKey]) {
        assert.equal('subjectKey' in (await queue.enqueue(given)), false)
      }
    }),

    it('is not changed by what callers do to what they gave or got', async ({ queue }) => {
      const content = {
        messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'first' }] }],
      }
      const item = await queue.enqueue(newReviewItem({ content }))

      for (const messages of [content.messages, item.content.messages as typeof content.messages])
        messages.pop()
      ;(item.reasons as unknown[]).pop()

      const stored = await queue.get(item.id)
      assertSame(stored?.content.messages[0]?.parts, [{ type: 'text', text: 'first' }])
      assert.equal(stored?.reasons.length, 1)
    }),

    it('returns the stored item for the same key, and logs it once', async ({ queue, clock }) => {
      const given = newReviewItem()
      const first = await queue.enqueue(given)
      clock.advance(5)

      const again = await queue.enqueue({ ...given, decisionId: 'decision-of-the-retry', priority: 9 })

      assertSame(again, first)
      assertSame(await kindsOf(queue, first.id), ['enqueued'])
    }),

    it('opens one review when the same key comes many times at once', async ({ queue, another }) => {
      const given = newReviewItem()
      const other = await another()

      const items = await Promise.all(
        Array.from({ length: 20 }, (_, turn) => (turn % 2 === 0 ? queue : other).enqueue(given)),
      )

      assert.equal(new Set(items.map(({ id }) => id)).size, 1)
      assert.equal((await queue.count()).open, 1)
    }),

    it('refuses a key that stands for something else', async ({ queue }) => {
      const given = newReviewItem()
      const { id } = await queue.enqueue(given)

      for (const change of [
        { contentDigest: 'other' },
        { bindingHash: 'other' },
        { kind: 'output' },
      ] as const) {
        const message = await rejectsWith('PARAPET_QUEUE_KEY_REUSED', queue.enqueue({ ...given, ...change }))
        assert.ok(message.includes(id) && message.includes(Object.keys(change)[0] ?? '?'))
      }
      assert.equal((await queue.events()).length, 1)
    }),

    it('keeps the same key of two tenants apart', async ({ queue }) => {
      const given = newReviewItem()

      const one = await queue.enqueue(given)
      const other = await queue.enqueue({ ...given, tenant: 'globex' })

      assert.notEqual(one.id, other.id)
    }),

    it('refuses malformed items, names the place, and stores nothing', async ({ queue }) => {
      const canary = 'canary-5f1d'
      const wrong: Record<string, unknown>[] = [
        { key: '' },
        { key: `${canary}\ud800` },
        { key: `${canary}\u0000` },
        { tenant: undefined },
        { kind: canary },
        { priority: Number.NaN },
        { priority: 0.5 },
        { otherwise: undefined },
        { deadlineAt: undefined },
        { expiresAt: TEST_START + 59_999 },
        { content: canary },
        { content: { messages: [{ role: canary, parts: [] }] } },
        { reasons: [{ kind: 'rule', extra: () => canary }] },
        { [`${canary} as a key`]: 1 },
        { reasons: [{ kind: 'rule', [`${canary} as a key`]: () => 1 }] },
      ]

      for (const change of wrong) {
        const item = { ...newReviewItem(), ...change } as unknown as NewReviewItem
        const message = await rejectsWith('PARAPET_QUEUE_INVALID', queue.enqueue(item))
        assert.ok(!message.includes(canary), `the message quotes the value: ${Object.keys(change)[0]}`)
      }
      await rejectsWith(
        'PARAPET_QUEUE_INVALID',
        queue.enqueue(newAuditItem({ deadlineAt: 1, otherwise: 'allow' })),
      )
      await rejectsWith('PARAPET_QUEUE_INVALID', queue.enqueue(undefined as unknown as NewReviewItem))
      assertSame(await queue.events(), [])
    }),

    it('finds nothing under an id it never gave', async ({ queue }) => {
      await queue.enqueue(newReviewItem())

      assert.equal(await queue.get('no-such-item'), undefined)
      assert.equal(await queue.view({ id: 'no-such-item', reviewer: 'ada' }), undefined)
    }),
  ]
}

function withoutSubject(item: NewReviewItem): NewReviewItem {
  const { subjectKey: _, ...rest } = item
  return rest
}
