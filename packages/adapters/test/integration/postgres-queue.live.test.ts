import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  newReviewItem,
  type OpenQueueForTest,
  queueAgreesWithModel,
  queueContract,
} from '@parapet/sdk/testing'
import fc from 'fast-check'
import pg from 'pg'
import { postgresQueue } from '../../src/postgres/index.ts'
import { MIGRATIONS } from '../../src/postgres/migrations.ts'
import {
  isServerThere,
  openPostgresQueue,
  openServerDatabase,
  type TestDatabase,
} from './postgres-databases.ts'

/** Fixed, so that a red run can be repeated; `PARAPET_SEED` chooses another. */
const SEED = Number(process.env['PARAPET_SEED'] ?? 20_261_130)
const onServer = (await isServerThere()) ? describe : describe.skip

onServer('postgresQueue on a server', () => {
  let database: TestDatabase & { readonly url: string }
  beforeAll(async () => {
    const opened = await openServerDatabase()
    if (!opened) throw new Error('the server answered a moment ago')
    database = opened
  }, 30_000)
  afterAll(() => database.close())
  const open: OpenQueueForTest = (options) => openPostgresQueue(database, options)

  for (const { name, run } of queueContract(open)) it(name, run, 30_000)

  it('agrees with a plain model under any calls at any times', async () => {
    await fc.assert(queueAgreesWithModel(fc, open), { seed: SEED, numRuns: 20 })
  }, 120_000)

  it('is set up once by twenty that start at the same moment', async () => {
    const schema = 'twenty'
    const queues = Array.from({ length: 20 }, () => postgresQueue(database.url, { schema }))

    const items = await Promise.all(
      queues.map((queue) =>
        queue.enqueue(newReviewItem({ expiresAt: Date.now() + 1e6, deadlineAt: Date.now() + 1e6 })),
      ),
    )

    expect(new Set(items.map(({ id }) => id)).size).toBe(20)
    expect(await queues[0]?.count()).toMatchObject({ open: 20 })
    expect(await queues[0]?.verifyLog()).toMatchObject({ entries: 20 })
    const versions = await database.query(`SELECT version FROM ${schema}.review_schema`)
    expect(versions).toHaveLength(MIGRATIONS.length)
    await Promise.all(queues.map((queue) => queue.close()))
  })

  it('hands each of many items to one of many claimers', async () => {
    const store = await openPostgresQueue(database)
    const handles = await Promise.all(Array.from({ length: 6 }, () => store.another()))
    const items = Array.from({ length: 60 }, () =>
      newReviewItem({ deadlineAt: Date.now() + 1e6, expiresAt: Date.now() + 1e6 }),
    )
    await Promise.all(items.map((item) => store.queue.enqueue(item)))

    const taken = await Promise.all(
      handles.map(async (queue, index) => {
        const ids: string[] = []
        for (;;) {
          const claim = await queue.claim({ reviewer: `reviewer-${index}` })
          if (!claim) return ids
          ids.push(claim.item.id)
        }
      }),
    )

    expect(taken.flat()).toHaveLength(60)
    expect(new Set(taken.flat()).size).toBe(60)
    await store.dispose()
  })

  it('goes on when its connections are ended', async () => {
    const store = await openPostgresQueue(database)
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    pool.on('error', () => {})
    let ending = true
    const killing = (async () => {
      while (ending) {
        await pool.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'parapet'",
        )
        await new Promise((resolve) => setTimeout(resolve, 15))
      }
    })()

    const results = await Promise.allSettled(
      Array.from({ length: 40 }, async (_, turn) => {
        await new Promise((resolve) => setTimeout(resolve, turn * 10))
        return store.queue.enqueue(
          newReviewItem({ deadlineAt: Date.now() + 1e6, expiresAt: Date.now() + 1e6 }),
        )
      }),
    )
    ending = false
    await killing

    const stored = results.filter(({ status }) => status === 'fulfilled').length
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    expect(refused.every(({ retryable }) => retryable === true)).toBe(true)
    expect((await store.queue.count()).open).toBeGreaterThanOrEqual(stored)
    expect((await store.queue.verifyLog()).brokenAt).toBeUndefined()
    await pool.end()
    await store.dispose()
  }, 30_000)
})
