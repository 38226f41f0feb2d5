/**
 * A held request and its reviewer in two processes, over PostgreSQL:
 *
 *     PARAPET_POSTGRES=postgres://user@host/db node --conditions=@parapet/source examples/src/review-postgres.ts
 *
 * Without a URL both sides run in this process, on PGlite, which is PostgreSQL as a library.
 */
import { fork } from 'node:child_process'
import { PGlite } from '@electric-sql/pglite'
import { type PostgresDatabase, postgresQueue } from '@parapet/adapters/postgres'
import { createGuard, definePolicy, patterns, when } from 'parapet'

const url = process.env['PARAPET_POSTGRES']
const schema = 'parapet_example'

/** The reviewer's side: takes what is open, and approves it. */
async function review(database: PostgresDatabase): Promise<void> {
  const queue = postgresQueue(database, { schema })
  const claim = await queue.claim({ reviewer: 'ada' })
  if (!claim) throw new Error('The queue should have an item.')
  await queue.decide({
    id: claim.item.id,
    token: claim.token,
    outcome: 'approve',
    reason: 'regular-customer',
  })
  await queue.close()
}

/** The app's side: asks, is held, and goes on when somebody has decided. */
async function ask(database: PostgresDatabase): Promise<void> {
  const refunds = patterns({
    id: 'refunds',
    version: '1',
    patterns: [{ label: 'refund', regex: /\brefund\b/i, maxCharacters: 6 }],
  })
  const policy = definePolicy({
    id: 'shop',
    version: '1',
    input: {
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
  const queue = postgresQueue(database, { schema })
  const guard = createGuard({ policy, queue })
  const messages = [{ role: 'user', content: 'I would like a refund for the lamp.' }] as const
  const first = await guard.exchange({ messages }).input()
  if (first.kind !== 'held') throw new Error('The request should be held.')
  console.log('the app: the request is held')

  const waiting = queue.wait(first.ticket, { timeoutMs: 30_000 })
  if (url === undefined) await review(database)
  else fork(new URL(import.meta.url), ['review'])
  console.log(`the app: a notification says that it is ${(await waiting).state}`)

  const resumed = await guard.resume(first.ticket)
  if (resumed.kind !== 'grant') throw new Error('There should be a grant.')
  console.log(
    `the app: with the grant it is ${(await guard.exchange({ messages, grant: resumed.grant }).input()).kind}`,
  )
  const { entries, brokenAt } = await queue.verifyLog()
  console.log(`the log: ${entries} entries, ${brokenAt === undefined ? 'whole' : 'broken'}`)
  await guard.close()
  await queue.close()
}

if (process.argv[2] === 'review') await review(url ?? '')
else if (url !== undefined) await ask(url)
else {
  const database = await PGlite.create()
  await ask(database)
  await database.close()
}
