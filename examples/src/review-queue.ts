/** A request that a person decides: held, claimed, approved, and then answered. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGuard, definePolicy, isParapetError, patterns, sqliteQueue, when } from 'parapet'

const refunds = patterns({
  id: 'refunds',
  version: '1',
  patterns: [{ label: 'refund', regex: /\brefund\b/i, maxCharacters: 6 }],
})
const policy = definePolicy({
  id: 'shop',
  version: '1',
  input: {
    // `waitMs: 0` gives the ticket at once; a call may also wait for the reviewer.
    rules: [
      when(refunds, 'refund')
        .found()
        .review({ mode: 'hold', withinMs: 60_000, waitMs: 0, otherwise: 'block' }),
    ],
    onError: 'block',
    onAbstain: 'block',
    budgetMs: 1_000,
  },
})
const folder = mkdtempSync(join(tmpdir(), 'parapet-review-'))
const queue = sqliteQueue(join(folder, 'review.db'))
const guard = createGuard({ policy, queue })
const messages = [{ role: 'user', content: 'I would like a refund for the lamp.' }] as const

const first = await guard.exchange({ messages }).input()
if (first.kind !== 'held') throw new Error('The request should be held.')
console.log(`the caller gets a ticket and reads: ${first.message}`)
console.log(`before the review: ${(await guard.resume(first.ticket)).kind}`)

// The reviewer's side, in a process of its own where there is one: see `parapet review` too.
const claim = await queue.claim({ reviewer: 'ada' })
if (!claim) throw new Error('The queue should have an item.')
await queue.decide({ id: claim.item.id, token: claim.token, outcome: 'approve', reason: 'regular-customer' })

const resumed = await guard.resume(first.ticket)
console.log(`after the review: ${resumed.kind}`)
if (resumed.kind === 'grant') {
  const { grant } = resumed
  console.log(`with the grant: ${(await guard.exchange({ messages, grant }).input()).kind}`)
  const again = await guard
    .exchange({ messages, grant })
    .input()
    .catch((error: unknown) => (isParapetError(error) ? { kind: error.code } : Promise.reject(error)))
  console.log(`with the grant again: ${again.kind}`)
}

await guard.close()
await queue.close()
rmSync(folder, { recursive: true })
