import assert from 'node:assert/strict'
import { MOST_ERASED } from '../../review/rules/erase.ts'
import { assertSame, caseOn, claimed, newReviewItem, type OpenQueueForTest } from './harness.ts'
import { isUnknownTo } from './is-unknown-to.ts'

/** Names that could be taken for each other by who compares carelessly. */
const TENANTS = [
  'acme',
  'Acme',
  'acme ',
  'acme%',
  'ac_e',
  "acme' OR '1'='1",
  'ａｃｍｅ',
  'acmé',
  'acme\u0301',
  '*',
]

/** Tenants are apart in every call that names one, whatever they are called. */
export function tenantCases(open: OpenQueueForTest) {
  const it = caseOn(open)
  return [
    it('keeps tenants apart in every call that names one', async ({ queue }) => {
      const items = new Map<string, string>()
      for (const tenant of TENANTS) {
        const { id } = await queue.enqueue(newReviewItem({ tenant, key: 'the same', team: 'day' }))
        items.set(tenant, id)
      }
      assert.equal(new Set(items.values()).size, TENANTS.length)

      for (const tenant of TENANTS) {
        const own = items.get(tenant)
        const listed = await queue.list({ tenant })
        const inTeam = await queue.list({ tenant, team: 'day' })
        const events = await queue.events({ tenant })
        assertSame(
          [listed, inTeam].map((page) => page.items.map(({ id }) => id)),
          [[own], [own]],
        )
        assert.equal((await queue.count({ tenant })).open, 1)
        assert.ok(events.length > 0 && events.every(({ itemId }) => itemId === own))
        const claim = await queue.claim({ reviewer: 'ada', tenant })
        assert.ok(claim)
        assert.equal(claim.item.id, own)
        await queue.release({ id: claim.item.id, token: claim.token })
        for (const [other, id] of items) if (other !== tenant) await isUnknownTo(queue, tenant, id)
      }
    }),

    it('erases a person who has more items than one transaction takes, and nobody else', async ({
      queue,
    }) => {
      const many = Array.from({ length: 2 * MOST_ERASED + 3 }, () => newReviewItem({ subjectKey: 'one' }))
      await Promise.all([...many, newReviewItem({ subjectKey: 'two' })].map((item) => queue.enqueue(item)))

      // Two at once: each text is taken by one of them.
      const erased = await Promise.all([1, 2].map(() => queue.erase({ tenant: 'acme', subjectKey: 'one' })))

      assert.equal(
        erased.reduce((sum, some) => sum + some, 0),
        many.length,
      )
      const { open, rejected } = await queue.count()
      assertSame([open, rejected], [1, many.length])
    }),

    it('erases one tenant’s person, and nobody of the same name elsewhere', async ({ queue }) => {
      for (const tenant of TENANTS) await queue.enqueue(newReviewItem({ tenant, subjectKey: 'one' }))

      assert.equal(await queue.erase({ tenant: 'acme', subjectKey: 'one' }), 1)
      assert.equal(await queue.erase({ tenant: 'acme', subjectKey: 'one' }), 0)

      assertSame(await queue.count(), {
        open: TENANTS.length - 1,
        claimed: 0,
        decided: 0,
        approved: 0,
        rejected: 1,
        expired: 0,
      })
      assert.equal((await claimed(queue, 'ada')).item.content.messages.length, 1)
    }),
  ]
}
