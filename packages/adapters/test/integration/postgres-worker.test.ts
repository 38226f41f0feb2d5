import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { newAuditItem, newReviewItem, type OpenQueue } from '@parapet/sdk/testing'
import { adapterError } from '../../src/errors/codes.ts'
import {
  type NoticeTarget,
  type PostgresQueue,
  type ReviewNotice,
  type ReviewWorker,
  type ReviewWorkerOptions,
  startReviewWorker,
} from '../../src/postgres/index.ts'
import { openPGlite, openPostgresQueue, type TestDatabase } from './postgres-databases.ts'

const SETTLED = ['review.approved', 'review.rejected', 'review.expired'] as const

/** A target that does as it is told. */
function scriptedTarget(
  id: string,
  deliver: (notice: ReviewNotice, nth: number) => Promise<void> = async () => {},
) {
  const tried: ReviewNotice[] = []
  const target: NoticeTarget = {
    id,
    types: SETTLED,
    deliver: (notice) => {
      tried.push(notice)
      return deliver(notice, tried.length)
    },
  }
  return { target, tried }
}

/** Looks until something is so. */
async function until<Value>(look: () => Promise<Value | undefined> | Value | undefined): Promise<Value> {
  for (let tries = 0; tries < 400; tries++) {
    const value = await look()
    if (value !== undefined) return value
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error('it never came to be')
}

const soon = (ms: number) => ({ deadlineAt: Date.now() + ms, expiresAt: Date.now() + 3_600_000 })

describe('startReviewWorker', () => {
  let database: TestDatabase
  let store: OpenQueue & { readonly queue: PostgresQueue; readonly schema: string }
  const workers: ReviewWorker[] = []

  beforeAll(async () => {
    database = await openPGlite()
  }, 60_000)
  afterAll(() => database.close())
  beforeEach(async () => {
    store = await openPostgresQueue(database)
  })
  afterEach(async () => {
    await Promise.all(workers.splice(0).map((worker) => worker.close()))
    await store.dispose()
    await database.query(`DROP SCHEMA IF EXISTS ${store.schema}_jobs CASCADE`)
  })

  const start = async (options: ReviewWorkerOptions = {}) => {
    const worker = await startReviewWorker(database.database, {
      schema: store.schema,
      pollSeconds: 0.5,
      retryDelaySeconds: 1,
      ...options,
    })
    workers.push(worker)
    return worker
  }
  const decide = async (outcome: 'approve' | 'reject') => {
    const { id } = await store.queue.enqueue(newReviewItem(soon(60_000)))
    const claim = await store.queue.claim({ reviewer: 'ada', id })
    await store.queue.decide({ id, token: claim?.token ?? '', outcome, note: 'CANARY' })
    return id
  }

  it('lets a deadline pass, and text be erased, when nobody reads', async () => {
    await start()
    const hold = await store.queue.enqueue(newReviewItem(soon(300)))
    const audit = await store.queue.enqueue(newAuditItem({ expiresAt: Date.now() + 500 }))

    const stateOf = async (id: string) => {
      const [row] = await database.query(
        `SELECT state, (SELECT count(*)::int FROM ${store.schema}.review_text t WHERE t.seq = i.seq) AS texts
         FROM ${store.schema}.review_item i WHERE id = $1`,
        [id],
      )
      return row
    }

    await until(async () => ((await stateOf(hold.id))?.['state'] === 'expired' ? true : undefined))
    await until(async () => ((await stateOf(audit.id))?.['texts'] === 0 ? true : undefined))
  }, 30_000)

  it('tells a target once what became of each item, in ids and outcomes alone', async () => {
    const early = await decide('reject')
    const { target, tried } = scriptedTarget('app')
    await start({ targets: [target] })
    const late = await decide('approve')
    const expiring = await store.queue.enqueue(newReviewItem({ ...soon(200), otherwise: 'allow' }))

    await until(() => (tried.length >= 3 ? true : undefined))
    const byItem = new Map(tried.map((notice) => [notice.itemId, notice]))

    expect(tried).toHaveLength(3)
    expect(byItem.get(early)).toMatchObject({ type: 'review.rejected', outcome: 'reject', tenant: 'acme' })
    expect(byItem.get(late)).toMatchObject({ type: 'review.approved', outcome: 'approve' })
    expect(byItem.get(expiring.id)).toMatchObject({ type: 'review.expired', outcome: 'allow' })
    expect(JSON.stringify(tried)).not.toMatch(/CANARY|May I have this/)
  }, 30_000)

  it('tells of audits only whom it is asked to, and leads from an appeal to the ticket that the app has', async () => {
    const held = scriptedTarget('held')
    const all = scriptedTarget('all')
    await start({ targets: [held.target, { ...all.target, audits: true }] })
    const audit = await store.queue.enqueue(newAuditItem({ expiresAt: Date.now() + 3_600_000 }))
    const claim = await store.queue.claim({ reviewer: 'ada', id: audit.id })
    await store.queue.decide({ id: audit.id, token: claim?.token ?? '', outcome: 'approve' })
    const undecided = await store.queue.enqueue(newAuditItem({ expiresAt: Date.now() + 300 }))
    const ticket = await decide('reject')
    const { token } = await store.queue.offerAppeal({ id: ticket })
    const appeal = await store.queue.appeal({ token })
    const another = await store.queue.claim({ reviewer: 'bob', id: appeal.id })
    await store.queue.decide({ id: appeal.id, token: another?.token ?? '', outcome: 'approve' })

    await until(() => (all.tried.length >= 4 && held.tried.length >= 2 ? true : undefined))

    const told = (tried: readonly ReviewNotice[]) =>
      tried
        .map(({ itemId, type, kind, appeals }) => ({ itemId, type, kind, appeals }))
        .sort((one, other) => one.itemId.localeCompare(other.itemId))
    const ofHeld = [
      { itemId: ticket, type: 'review.rejected', kind: 'input', appeals: undefined },
      { itemId: appeal.id, type: 'review.approved', kind: 'input', appeals: ticket },
    ]
    expect(told(held.tried)).toEqual(ofHeld)
    expect(told(all.tried)).toEqual([
      { itemId: audit.id, type: 'review.approved', kind: 'audit', appeals: undefined },
      { itemId: undecided.id, type: 'review.expired', kind: 'audit', appeals: undefined },
      ...ofHeld,
    ])
  }, 30_000)

  it('tries again what failed, under the same id, and goes on meanwhile', async () => {
    const flaky = scriptedTarget('flaky', async (_notice, nth) => {
      if (nth === 1) throw adapterError('PARAPET_WEBHOOK_UNDELIVERED', { fault: 'status 500' })
    })
    const other = scriptedTarget('other')
    await start({ targets: [flaky.target, other.target] })
    await decide('approve')

    await until(() => (flaky.tried.length === 2 && other.tried.length === 1 ? true : undefined))

    expect(new Set(flaky.tried.map(({ id }) => id)).size).toBe(1)
    expect(flaky.tried[0]?.id).toBe(other.tried[0]?.id)
  }, 30_000)

  it('keeps what could not be delivered, and sends it again when told to', async () => {
    const mended = { yes: false }
    const { target, tried } = scriptedTarget('app', async () => {
      if (!mended.yes) throw adapterError('PARAPET_WEBHOOK_REFUSED', { fault: 'CANARY' })
    })
    const worker = await start({ targets: [target] })
    const id = await decide('approve')

    const [dead] = await until(async () => {
      const found = await worker.deadNotices({ target: 'app' })
      return found.length > 0 ? found : undefined
    })

    expect(dead).toMatchObject({ code: 'PARAPET_WEBHOOK_REFUSED', notice: { itemId: id } })
    expect(tried).toHaveLength(1)
    mended.yes = true
    expect(await worker.redeliver({ target: 'app', ids: [dead?.id ?? ''] })).toBe(1)
    await until(() => (tried.length === 2 ? true : undefined))
    expect(tried[1]?.id).toBe(tried[0]?.id)
    expect(await worker.deadNotices({ target: 'app' })).toEqual([])
  }, 30_000)

  it('files deliveries so that none is dropped while no worker has their target', async () => {
    const { target } = scriptedTarget('app', () => Promise.reject(new Error('not now')))
    await start({ targets: [target] })
    await decide('approve')

    const days = await until(async () => {
      const [row] = await database.query(
        `SELECT extract(epoch FROM keep_until - now())::float8 / 86400 AS days
         FROM ${store.schema}_jobs.job WHERE name = 'notices-app'`,
      )
      return row?.['days'] as number | undefined
    })

    expect(days).toBeGreaterThan(3_600)
  }, 30_000)

  it('tells each thing once when several workers follow one log', async () => {
    const { target, tried } = scriptedTarget('app')
    await Promise.all([start({ targets: [target] }), start({ targets: [target] })])

    const ids = await Promise.all(Array.from({ length: 8 }, () => decide('approve')))
    await until(() => (tried.length >= 8 ? true : undefined))
    await new Promise((resolve) => setTimeout(resolve, 700))

    expect(tried.map(({ itemId }) => itemId).sort()).toEqual([...ids].sort())
  }, 30_000)

  it('keeps a place in the log for each target, which no worker without it moves', async () => {
    await start()
    await start({ targets: [scriptedTarget('other').target] })
    const ids = [await decide('approve'), await decide('reject')]
    // Until the others have been past these entries.
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    const late = scriptedTarget('late')
    const fromNow = scriptedTarget('from-now')
    await start({ targets: [late.target, { ...fromNow.target, from: 'now' }] })
    ids.push(await decide('approve'))

    await until(() => (late.tried.length >= 3 && fromNow.tried.length >= 1 ? true : undefined))

    expect(late.tried.map(({ itemId }) => itemId).sort()).toEqual([...ids].sort())
    expect(fromNow.tried.map(({ itemId }) => itemId)).toEqual(ids.slice(2))
  }, 30_000)

  it('refuses options it does not know and targets that are none', async () => {
    const { target } = scriptedTarget('app')
    const wrong: unknown[] = [
      { targets: [target, target] },
      { targets: [{ id: 'a' }] },
      { targets: [{ ...target, from: 'later' }] },
      { targets: [{ ...target, audits: 'yes' }] },
      { pollSeconds: 0.1 },
      { schema: 'a"; DROP TABLE x' },
      { retries: 1 },
    ]

    for (const options of wrong) {
      await expect(
        startReviewWorker(database.database, options as ReviewWorkerOptions),
      ).rejects.toMatchObject({
        code: 'PARAPET_QUEUE_OPTIONS',
      })
    }
  })
})
