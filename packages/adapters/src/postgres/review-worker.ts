import { isParapetError } from '@parapet/sdk'
import type { PgBoss } from 'pg-boss'
import type { NoticeTarget, ReviewNotice } from '../notice/review-notice.ts'
import { bossDatabase } from './boss-database.ts'
import {
  type DeadNotice,
  type DeadNoticeFilter,
  listDeadNotices,
  redeliverDeadNotices,
} from './dead-notices.ts'
import { driverOf, type PostgresDatabase } from './driver-of.ts'
import { itemQueries } from './item-queries.ts'
import { loadPgBoss } from './load-pg-boss.ts'
import { deadNoticeQueue, noticeQueue } from './notice-queues.ts'
import { DEFAULT_POSTGRES_QUEUE_OPTIONS } from './options.ts'
import { PostgresStore } from './postgres-store.ts'
import { openCursor, relay } from './relay.ts'
import { type ReviewWorkerOptions, resolveReviewWorkerOptions } from './worker-options.ts'

/** The job queue for what falls due: it holds one job, set for the next moment. */
const DUE = 'due'
/** How long done jobs are kept: they say nothing that the log does not. */
const KEEP_DONE_SECONDS = 3_600
/** How long a dead notice waits for somebody to see to it. */
const KEEP_DEAD_SECONDS = 30 * 86_400
/** With nothing in the log to say so, the next moment is looked for this often: a floor under everything. */
const PLAN_EVERY_MS = 30_000
const LONGEST_DELIVERY_SECONDS = 120
/** A delivery whose worker says nothing for so long is another's: pg-boss looks as often, so it takes twice that at the most. */
const SILENT_SECONDS = 15
/** How long a notice waits for a worker that has its target. Without it, pg-boss drops what nobody took for 14 days. */
const KEEP_UNDELIVERED_SECONDS = 10 * 365 * 86_400

/** What works beside the queue. */
export interface ReviewWorker {
  /** A target's notices that could not be delivered, oldest first. */
  deadNotices(filter: DeadNoticeFilter): Promise<readonly DeadNotice[]>
  /** Sends dead notices again: all of a target's, or those named. Gives how many. */
  redeliver(dead: { readonly target: string; readonly ids?: readonly string[] }): Promise<number>
  /** Finishes what is under way and stops. */
  close(): Promise<void>
}

/**
 * Starts what works beside a PostgreSQL queue, on pg-boss: deadlines, escalations and erasures take effect when nobody
 * reads, and notices go to targets, tried again with growing pauses. Run it in one process or in many. The queue's guarantees
 * need none: without it, what is due takes effect with the next call.
 * @throws PARAPET_QUEUE_OPTIONS; PARAPET_ADAPTER_PEER_MISSING without pg-boss
 */
export async function startReviewWorker(
  database: PostgresDatabase,
  options: ReviewWorkerOptions = {},
): Promise<ReviewWorker> {
  const resolved = resolveReviewWorkerOptions(options)
  const { schema, timeoutMs } = resolved
  const driver = driverOf(database, { timeoutMs, connections: 4 + resolved.targets.length })
  const store = new PostgresStore(driver, {
    ...DEFAULT_POSTGRES_QUEUE_OPTIONS,
    schema,
    timeoutMs,
    where: `schema "${schema}" in PostgreSQL`,
  })
  const isPGlite = typeof database === 'object' && 'exec' in database
  const boss = await loadPgBoss({
    db: bossDatabase(driver),
    schema: `${schema}_jobs`,
    backend: isPGlite ? 'pglite' : 'postgres',
    schedule: false,
    superviseIntervalSeconds: SILENT_SECONDS,
    monitorIntervalSeconds: SILENT_SECONDS,
  })
  boss.on('error', resolved.onError)
  const worker = new RunningWorker(store, boss, resolved)
  try {
    await worker.start()
    return worker
  } catch (error) {
    await worker.close().catch(() => {})
    throw error
  }
}

type Resolved = ReturnType<typeof resolveReviewWorkerOptions>

class RunningWorker implements ReviewWorker {
  readonly #store: PostgresStore
  readonly #boss: PgBoss
  readonly #options: Resolved
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> = Promise.resolve()
  #plannedAt = Number.NEGATIVE_INFINITY
  /** The log's last entry when the next moment was looked for. */
  #plannedEntry = -1
  #closing: Promise<void> | undefined

  constructor(store: PostgresStore, boss: PgBoss, options: Resolved) {
    this.#store = store
    this.#boss = boss
    this.#options = options
  }

  async start(): Promise<void> {
    const { schema, pollSeconds, targets } = this.#options
    // The queue's schema first: the relay reads it.
    await this.#store.withConnection(async (connection) => {
      for (const target of targets) await openCursor(connection, schema, target)
    })
    await this.#boss.start()
    await this.#boss.createQueue(DUE, {
      policy: 'short',
      retryLimit: 10,
      retryDelay: 1,
      deleteAfterSeconds: KEEP_DONE_SECONDS,
    })
    for (const target of targets) await this.#createQueues(target)
    await this.#boss.work(DUE, { pollingIntervalSeconds: pollSeconds }, () => this.#fallDue())
    for (const target of targets) await this.#deliverTo(target)
    this.#again()
  }

  async deadNotices(filter: DeadNoticeFilter): Promise<readonly DeadNotice[]> {
    return listDeadNotices(this.#boss, filter)
  }

  async redeliver(dead: { readonly target: string; readonly ids?: readonly string[] }): Promise<number> {
    return redeliverDeadNotices(this.#boss, dead)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#round
    await this.#boss.stop({ graceful: true })
    await this.#store.close()
  }

  async #createQueues({ id }: NoticeTarget): Promise<void> {
    const { retryLimit, retryDelaySeconds } = this.#options
    await this.#boss.createQueue(deadNoticeQueue(id), { retentionSeconds: KEEP_DEAD_SECONDS })
    const delivery = {
      retryLimit,
      retryDelay: retryDelaySeconds,
      retryBackoff: true,
      expireInSeconds: LONGEST_DELIVERY_SECONDS,
      heartbeatSeconds: SILENT_SECONDS,
      retentionSeconds: KEEP_UNDELIVERED_SECONDS,
      deleteAfterSeconds: KEEP_DONE_SECONDS,
      deadLetter: deadNoticeQueue(id),
    }
    await this.#boss.createQueue(noticeQueue(id), delivery)
    // A queue that is there keeps its settings otherwise.
    await this.#boss.updateQueue(noticeQueue(id), delivery)
  }

  async #deliverTo(target: NoticeTarget): Promise<void> {
    const { pollSeconds } = this.#options
    const options = { pollingIntervalSeconds: pollSeconds, batchSize: 10, perJobResults: true } as const
    await this.#boss.work<ReviewNotice, unknown, typeof options>(noticeQueue(target.id), options, (jobs) =>
      Promise.all(jobs.map(({ id, data }) => delivered(target, id, data))),
    )
  }

  /** One round after the other, for as long as the worker runs. */
  #again(): void {
    this.#timer = setTimeout(() => {
      this.#round = this.#follow()
        .catch((error: unknown) => this.#options.onError(asError(error)))
        .finally(() => {
          if (this.#closing === undefined) this.#again()
        })
    }, this.#options.pollSeconds * 1_000)
  }

  /** Files what the log has new, and sets the job for what falls due next. */
  async #follow(): Promise<void> {
    const { schema, targets } = this.#options
    for (const target of targets) {
      for (let more = true; more && this.#closing === undefined; ) {
        const passed = await this.#store.withConnection((connection) =>
          relay(connection, schema, { boss: this.#boss, target }),
        )
        more = passed > 0
      }
    }
    const last = await this.#lastEntry()
    if (last === this.#plannedEntry && performance.now() - this.#plannedAt <= PLAN_EVERY_MS) return
    await this.#plan(0)
    this.#plannedEntry = last
  }

  async #lastEntry(): Promise<number> {
    const [row] = await this.#store.withConnection((connection) =>
      connection.query(
        `SELECT coalesce(max(sequence), 0)::float8 AS last FROM ${this.#options.schema}.review_event`,
        [],
      ),
    )
    return Number(row?.['last'])
  }

  async #fallDue(): Promise<void> {
    try {
      await this.#store.run('sweep', Date.now(), null)
    } catch (error) {
      this.#options.onError(asError(error))
      throw error
    }
    // With a clock behind the server's, what is due there is not here: a moment later it is.
    await this.#plan(1_000)
  }

  async #plan(leastMs: number): Promise<void> {
    const rows = await this.#store.withConnection((connection) =>
      connection.query(itemQueries(this.#options.schema).nextDue, []),
    )
    this.#plannedAt = performance.now()
    const due = rows[0]?.['due']
    if (typeof due !== 'number') return
    const startAfter = new Date(Math.max(due, Date.now() + leastMs))
    await this.#boss.upsert(DUE, {}, { singletonKey: 'next', startAfter })
  }
}

async function delivered(target: NoticeTarget, id: string, notice: ReviewNotice) {
  try {
    await target.deliver(notice)
    return { id, status: 'completed' as const }
  } catch (error) {
    // Of the error its code alone: what a target throws may quote a receiver.
    const code = isParapetError(error) ? error.code : 'unexpected'
    const again = !isParapetError(error) || error.retryable
    return { id, status: again ? ('failed' as const) : ('deadletter' as const), output: { code } }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('a throw that is no error')
}
