import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { memoryQueue, type ReviewQueue, StoreQueue } from '@parapet/sdk'
import { manualClock, newReviewItem, type OpenQueueForTest } from '@parapet/sdk/testing'
import { driverOf } from '../../src/postgres/driver-of.ts'
import { DEFAULT_POSTGRES_QUEUE_OPTIONS } from '../../src/postgres/options.ts'
import { PostgresStore } from '../../src/postgres/postgres-store.ts'
import { sqliteQueue } from '../../src/sqlite/index.ts'
import { openPGlite, type TestDatabase } from './postgres-databases.ts'

describe('more than one transaction lets fall due', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await openPGlite()
  }, 60_000)
  afterAll(() => database.close())

  /** A queue of which one transaction takes two due items at the most. */
  const open: OpenQueueForTest = async (options) => {
    const schema = `due_${randomBytes(6).toString('hex')}`
    const handles: ReviewQueue[] = []
    const another = () => {
      const store = new PostgresStore(driverOf(database.database, { timeoutMs: 30_000 }), {
        ...DEFAULT_POSTGRES_QUEUE_OPTIONS,
        schema,
        where: 'here',
        pollMs: 20,
        mostDue: 2,
        ...(options.now !== undefined && { maxClockSkewMs: Number.MAX_SAFE_INTEGER }),
      })
      const queue = new StoreQueue(store, options)
      handles.push(queue)
      return queue
    }
    return {
      queue: another(),
      another: async () => another(),
      dispose: async () => {
        await Promise.all(handles.map((handle) => handle.close()))
        await database.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
      },
    }
  }
  const openMemory: OpenQueueForTest = async (options) => {
    const queue = memoryQueue(options)
    return { queue, another: async () => queue, dispose: () => queue.close() }
  }
  const openSqlite: OpenQueueForTest = async (options) => {
    const folder = mkdtempSync(join(tmpdir(), 'parapet-due-'))
    const queue = sqliteQueue(join(folder, 'review.db'), options)
    const dispose = async () => {
      await queue.close()
      rmSync(folder, { recursive: true })
    }
    return { queue, another: async () => queue, dispose }
  }
  const stores = [
    ['PostgreSQL', open],
    ['SQLite', openSqlite],
    ['memory', openMemory],
  ] as const

  it.each(stores)('takes effect before a person is erased, on %s', async (_, openStore) => {
    const clock = manualClock()
    const { queue, dispose } = await openStore({ now: clock.now })
    const at = clock.now()
    for (let count = 0; count < 5; count++)
      await queue.enqueue(newReviewItem({ deadlineAt: at + 1_000 + count }))
    const ofPerson = { subjectKey: 'v', deadlineAt: at + 3_000 }
    const lapsed = await queue.enqueue(newReviewItem({ ...ofPerson, otherwise: 'allow' }))
    const decided = await queue.enqueue(newReviewItem({ ...ofPerson, deadlineAt: at + 9_000, undoMs: 2_000 }))
    const claim = await queue.claim({ reviewer: 'ada', id: decided.id })
    await queue.decide({ id: decided.id, token: claim?.token ?? '', outcome: 'approve' })
    clock.advance(5_000)

    const erased = await queue.erase({ tenant: lapsed.tenant, subjectKey: 'v' })
    const kinds = async (itemId: string) => (await queue.events({ itemId })).map(({ kind }) => kind)

    expect(erased).toBe(2)
    expect(await kinds(lapsed.id)).toEqual(['enqueued', 'expired', 'erased'])
    expect(await kinds(decided.id)).toEqual(['enqueued', 'claimed', 'decided', 'effected', 'erased'])
    await dispose()
  })

  it.each(stores)('takes effect before a claim, on %s', async (_, openStore) => {
    const clock = manualClock()
    const { queue, dispose } = await openStore({ now: clock.now })
    const at = clock.now()
    for (let count = 0; count < 5; count++)
      await queue.enqueue(newReviewItem({ deadlineAt: at + 1_000 + count }))
    const { id } = await queue.enqueue(newReviewItem({ deadlineAt: at + 60_000 }))
    await queue.claim({ reviewer: 'ada', id, leaseMs: 2_000 })
    clock.advance(5_000)

    const claim = await queue.claim({ reviewer: 'bob' })

    expect(claim?.item.id).toBe(id)
    await dispose()
  })
})
