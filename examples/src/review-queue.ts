/** Requests that people decide: held, routed, claimed, approved or answered, undone, and counted. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createGuard,
  definePolicy,
  isParapetError,
  patterns,
  type ReviewRoute,
  sqliteQueue,
  when,
} from 'parapet'

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
// Who looks at what: the first route that fits.
const routes: ReviewRoute[] = [
  {
    team: 'refunds',
    when: { labels: ['refund'], tenants: ['shop'] },
    priority: 10,
    undoMs: 60_000,
    escalation: { afterMs: 30_000, team: 'leads' },
  },
]
const folder = mkdtempSync(join(tmpdir(), 'parapet-review-'))
const queue = sqliteQueue(join(folder, 'review.db'))
const guard = createGuard({ policy, queue, routes })
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

// Of the tenant `shop` the team `refunds` decides, and can undo it for a minute: nobody acts on it before.
const context = { tenant: 'shop' }
const second = await guard.exchange({ messages, context }).input()
const theirs = await queue.claim({ reviewer: 'bob', team: 'refunds' })
if (second.kind !== 'held' || !theirs) throw new Error('The request should be with the team.')
const { id, team, priority } = theirs.item
console.log(`the second goes to: ${team}, priority ${priority}`)
const decided = await queue.decide({ id, token: theirs.token, outcome: 'reject', reason: 'too-late' })
console.log(
  `while it can be undone: ${decided.state}, for the caller ${(await guard.resume(second.ticket)).kind}`,
)
await queue.undo({ id, token: theirs.token })
console.log(`undone: ${(await queue.get(id))?.state}`)

const log = await queue.events({ itemId: id })
console.log(`its log: ${log.map(({ kind }) => kind).join(', ')}`)

await guard.close()
await queue.close()
rmSync(folder, { recursive: true })
