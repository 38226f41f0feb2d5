import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import type { ReviewQueue } from '@parapet/sdk'
import { benchItem } from './bench-item.ts'
import type { Bench, Figure } from './figure.ts'

const IN_FLIGHT = 64
const ITEMS = 5_000
const BACKLOG = 100_000
const ROUNDS = 3

/** Calls a second, with so many under way at any moment. */
async function perSecond(count: number, inFlight: number, call: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  let left = count
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await call()
    }),
  )
  return (count / (performance.now() - started)) * 1_000
}

async function best(measure: () => Promise<number>): Promise<number> {
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) rates.push(await measure())
  return Math.max(...rates)
}

/** Durable enqueues, with an empty queue and a long one. */
async function enqueueFigures(queue: ReviewQueue): Promise<Figure[]> {
  const enqueue = () => queue.enqueue(benchItem())
  await perSecond(500, IN_FLIGHT, enqueue)
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const empty = await best(() => perSecond(ITEMS, IN_FLIGHT, enqueue))
  delay.disable()
  await perSecond(BACKLOG, 1_024, enqueue)
  const long = await best(() => perSecond(ITEMS, IN_FLIGHT, enqueue))
  return [
    { name: `queue/enqueue@0-open`, value: empty, unit: 'per second', least: 2_000 },
    { name: `queue/enqueue@${BACKLOG}-open`, value: long, unit: 'per second', least: 2_000 },
    { name: 'queue/enqueue-long-against-empty', value: long / empty, unit: 'ratio' },
    { name: 'queue/event-loop-delay-p99', value: delay.percentile(99) / 1e6, unit: 'ms', most: 10 },
  ]
}

/** What reviewers do, on a long queue. */
async function reviewFigures(queue: ReviewQueue): Promise<Figure[]> {
  const review = async () => {
    const claim = await queue.claim({ reviewer: 'ada' })
    if (claim) await queue.decide({ id: claim.item.id, token: claim.token, outcome: 'approve' })
  }
  const timed = async (call: () => Promise<unknown>) => {
    const started = performance.now()
    await call()
    return performance.now() - started
  }
  return [
    {
      name: `queue/claim-and-decide@${BACKLOG}-open`,
      value: await perSecond(2_000, 16, review),
      unit: 'per second',
    },
    { name: `queue/list-page@${BACKLOG}-open`, value: await timed(() => queue.list()), unit: 'ms' },
    { name: `queue/count@${BACKLOG}-open`, value: await timed(() => queue.count()), unit: 'ms' },
  ]
}

/**
 * What the same durability costs without group commits: one row of the same size a transaction, on the app's thread,
 * one index, no log.
 */
function plainSqliteRate(file: string): number {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  database.exec('CREATE TABLE item (seq INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT)')
  const insert = database.prepare('INSERT INTO item (key, body) VALUES (?, ?)')
  const started = performance.now()
  for (let turn = 0; turn < 1_000; turn++) {
    const item = benchItem()
    insert.run(item.key, JSON.stringify(item))
  }
  const rate = 1_000_000 / (performance.now() - started)
  database.close()
  return rate
}

/** The review queue on SQLite. */
export const queueBench: Bench = {
  name: 'queue',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'parapet-bench-'))
    const queue = sqliteQueue(join(folder, 'review.db'))
    try {
      const figures = [...(await enqueueFigures(queue)), ...(await reviewFigures(queue))]
      const plain = plainSqliteRate(join(folder, 'plain.db'))
      const [first] = figures
      return [
        ...figures,
        { name: 'queue/plain-sqlite-commit-per-row', value: plain, unit: 'per second' },
        { name: 'queue/enqueue-against-plain', value: (first?.value ?? 0) / plain, unit: 'ratio' },
      ]
    } finally {
      await queue.close()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
