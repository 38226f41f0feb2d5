import { assertSame, newReviewItem, type OpenQueueForTest, TEST_START } from './harness.ts'
import { isUnknownTo } from './is-unknown-to.ts'
import type { FastCheckLibrary } from './queue-steps.ts'

/**
 * The property that tenants are apart in every call, since each can name one, whatever they, their people and their teams are called:
 * `await fc.assert(queueKeepsTenantsApart(fc, open), { seed, numRuns })`.
 */
export function queueKeepsTenantsApart(fc: FastCheckLibrary, open: OpenQueueForTest) {
  // Any text that a name may be; many are alike but for case, marks, spaces or wildcards.
  const part = fc.constantFrom(
    'a',
    'A',
    'á',
    'a\u0301',
    ' ',
    '%',
    '_',
    '*',
    "'",
    '"',
    '\\',
    '-',
    '🙂',
    '\u200b',
  )
  const name = fc.oneof(
    fc.string({ unit: part, minLength: 1, maxLength: 3 }),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text)),
  )
  const item = fc.record({
    tenant: name,
    subjectKey: name,
    team: fc.constantFrom('day', 'night'),
    undoMs: fc.constantFrom(0, 1_000),
  })
  const items = fc.array(item, { minLength: 2, maxLength: 12 })
  return fc.asyncProperty(items, fc.nat(), async (given, chosen) => {
    const { queue, dispose } = await open({ now: () => TEST_START })
    try {
      const stored = []
      for (const each of given)
        stored.push(await queue.enqueue(newReviewItem({ ...each, key: 'one', contentDigest: 'one' })))
      const { tenant, team, subjectKey = '' } = stored[chosen % stored.length] ?? stored[0] ?? newReviewItem()
      // One key a tenant: later ones found the first.
      const all = [...new Map(stored.map((each) => [each.id, each])).values()]
      const theirs = all.filter((each) => each.tenant === tenant)
      const ids = (some: readonly { readonly id: string }[]) => some.map(({ id }) => id).sort()

      assertSame(ids((await queue.list({ tenant, limit: 500 })).items), ids(theirs))
      const inTeam = theirs.filter((each) => each.team === team)
      assertSame(ids((await queue.list({ tenant, ...(team && { team }) })).items), ids(inTeam))
      assertSame((await queue.count({ tenant })).open, theirs.length)
      const logged = await queue.events({ tenant })
      assertSame([...new Set(logged.map(({ itemId }) => itemId))].sort(), ids(theirs))
      const claimedOnes = []
      for (
        let claim = await queue.claim({ reviewer: 'ada', tenant });
        claim;
        claim = await queue.claim({ reviewer: 'ada', tenant })
      )
        claimedOnes.push(claim.item)
      assertSame(ids(claimedOnes), ids(theirs))
      const others = all.filter((each) => each.tenant !== tenant)
      for (const other of others) assertSame(await queue.get(other.id, { tenant: other.tenant }), other)
      // Each of them at another point of a review, so that every call would do what it is for.
      for (const [turn, { id, tenant: of, contentDigest, bindingHash }] of others.entries()) {
        const { token = 'none' } = (await queue.claim({ reviewer: 'bob', id, tenant: of })) ?? {}
        await isUnknownTo(queue, tenant, id, { token })
        const outcome = turn % 2 ? 'approve' : 'reject'
        await queue.decide({ id, tenant: of, token, outcome })
        const offered = await queue.offerAppeal({ id, tenant: of }).catch(() => undefined)
        await isUnknownTo(queue, tenant, id, {
          token,
          undoToken: token,
          ...(offered && { appealToken: offered.token }),
          grant: { contentDigest, bindingHash },
        })
        if (outcome === 'approve')
          await queue.useGrant({ ticket: id, contentDigest, bindingHash, tenant: of })
        else if (offered) await queue.appeal({ token: offered.token, tenant: of })
      }
      // What was done for others changed nothing here.
      assertSame(ids((await queue.list({ tenant, limit: 500 })).items), ids(theirs))
      const persons = theirs.filter((each) => each.subjectKey === subjectKey)
      assertSame(await queue.erase({ tenant, subjectKey }), persons.length)
      for (const other of all)
        assertSame((await queue.get(other.id))?.erasedAt !== undefined, ids(persons).includes(other.id))
    } finally {
      await dispose()
    }
  })
}
