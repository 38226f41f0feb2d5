import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { postgresQueue } from '@parapet/adapters/postgres'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import type { ReviewQueue } from '@parapet/sdk'
import pg from 'pg'
import { PgBoss } from 'pg-boss'
import { benchItem } from './bench-item.ts'
import { type Bench, type Figure, quantile } from './figure.ts'

const SERVER = process.env['PARAPET_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1:5432/postgres'
/** Open items beside which the work is measured. */
const BACKLOGS = [0, 10_000, 100_000]
/** How much of each kind of work is measured, and how many calls are under way at a time. */
const WORK = 1_000
const IN_FLIGHT = 32
const FILL_IN_FLIGHT = 512

/** The three kinds of work, on a queue or on a peer. */
interface Store {
  readonly enqueue: () => Promise<unknown>
  /** Gives what `decide` takes. */
  readonly claim: () => Promise<unknown>
  readonly decide: (claimed: unknown) => Promise<unknown>
}

async function timed(
  name: string,
  call: (turn: number) => Promise<unknown>,
  { count = WORK, inFlight = IN_FLIGHT } = {},
): Promise<Figure[]> {
  const times: number[] = []
  let next = 0
  const started = performance.now()
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let turn = next++; turn < count; turn = next++) {
        const began = performance.now()
        await call(turn)
        times.push(performance.now() - began)
      }
    }),
  )
  return [
    { name, value: (count / (performance.now() - started)) * 1_000, unit: 'per second' },
    { name: `${name}-p95`, value: quantile(times, 0.95), unit: 'ms' },
  ]
}

/** All work beside each backlog. What is decided was enqueued here: the backlog keeps its length. */
async function figuresOf(name: string, store: Store): Promise<Figure[]> {
  const figures: Figure[] = []
  let open = 0
  await timed('warm-up', store.enqueue, { count: 100 })
  await timed('warm-up', async () => store.decide(await store.claim()), { count: 100 })
  for (const backlog of BACKLOGS) {
    await timed('fill', store.enqueue, { count: backlog - open, inFlight: FILL_IN_FLIGHT })
    open = backlog
    const claimed: unknown[] = []
    figures.push(
      ...(await timed(`${name}/enqueue@${backlog}-open`, store.enqueue)),
      ...(await timed(`${name}/claim@${backlog}-open`, async (turn) => {
        claimed[turn] = await store.claim()
      })),
      ...(await timed(`${name}/decide@${backlog}-open`, (turn) => store.decide(claimed[turn]))),
    )
  }
  return figures
}

function storeOf(queue: ReviewQueue): Store {
  return {
    enqueue: () => queue.enqueue(benchItem()),
    claim: () => queue.claim({ reviewer: 'ada' }),
    decide: (claimed) => {
      const { item, token } = claimed as NonNullable<Awaited<ReturnType<ReviewQueue['claim']>>>
      return queue.decide({ id: item.id, token, outcome: 'approve' })
    },
  }
}

/** pg-boss's plain jobs with the same payload: no log, no tenants, no lookup by key, no text apart. */
function storeOfJobs(boss: PgBoss): Store {
  return {
    enqueue: () => boss.send('plain', benchItem()),
    claim: async () => (await boss.fetch('plain'))[0],
    decide: (claimed) =>
      boss.complete('plain', (claimed as { readonly id: string }).id, { outcome: 'approve' }),
  }
}

async function sqliteFigures(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-bench-'))
  const queue = sqliteQueue(join(folder, 'review.db'))
  try {
    return await figuresOf('sqlite', storeOf(queue))
  } finally {
    await queue.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function postgresFigures(): Promise<Figure[]> {
  const admin = new pg.Pool({ connectionString: SERVER, max: 1, connectionTimeoutMillis: 2_000 })
  const name = `parapet_bench_${randomBytes(6).toString('hex')}`
  try {
    await admin.query(`CREATE DATABASE ${name}`)
  } catch {
    await admin.end()
    console.error('skipped: stores/postgres (no server answers; PARAPET_TEST_POSTGRES names one)')
    return []
  }
  const url = Object.assign(new URL(SERVER), { pathname: `/${name}` }).href
  const queue = postgresQueue(url)
  const boss = new PgBoss({ connectionString: url, max: IN_FLIGHT, schedule: false, supervise: false })
  try {
    await boss.start()
    await boss.createQueue('plain')
    const ours = await figuresOf('postgres', storeOf(queue))
    return [...ours, ...(await figuresOf('pg-boss', storeOfJobs(boss)))]
  } finally {
    await queue.close()
    await boss.stop({ graceful: false })
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await admin.end()
  }
}

/** Review queues on SQLite and PostgreSQL, and a peer's plain jobs, beside backlogs of three lengths. */
export const storesBench: Bench = {
  name: 'stores',
  run: async () => [...(await sqliteFigures()), ...(await postgresFigures())],
}
