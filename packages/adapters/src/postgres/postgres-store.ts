import { setTimeout as sleep } from 'node:timers/promises'
import {
  queueError,
  type ReviewInput,
  type ReviewOutput,
  type ReviewStore,
  type ReviewTransactions,
  type StoreListener,
} from '@parapet/sdk'
import { type Answer, type Call, groupLength, isRead } from './call.ts'
import type { PostgresConnection, PostgresDriver } from './driver.ts'
import { itemQueries, MOST_DUE } from './item-queries.ts'
import { migrate } from './migrate.ts'
import type { PostgresQueueOptions } from './options.ts'
import { isLockTimeout, kindOf, toQueueError } from './postgres-fault.ts'
import { readGroup } from './read-group.ts'
import { requireClock } from './require-clock.ts'
import { settledChannel } from './schema-name.ts'
import { type GroupContext, sweepDue, UnknownCommit, type WrittenGroup, writeGroup } from './write-group.ts'

/** How often a transaction is made again because another one was first, or because the connection was lost. */
const MOST_TRIES = 8
/** The first pause before it is; each is twice as long as the one before, and some of it is chance. */
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 1_000

export interface PostgresStoreOptions
  extends Pick<
    Required<PostgresQueueOptions>,
    'schema' | 'pollMs' | 'maxBatch' | 'busyTimeoutMs' | 'timeoutMs' | 'maxClockSkewMs'
  > {
  /** The operator's name for the database, in errors. */
  readonly where: string
  /** The most items that one transaction lets fall due. @default 500 */
  readonly mostDue?: number
}

interface Pending extends Call {
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/**
 * A handle on a review queue in PostgreSQL. Calls that come while a transaction is under way go into the next one together,
 * in their order; so one handle uses one connection at a time, and one more to listen while somebody waits.
 */
export class PostgresStore implements ReviewStore {
  readonly pollMs: number
  readonly #driver: PostgresDriver
  readonly #options: PostgresStoreOptions
  readonly #context: GroupContext
  #waiting: Pending[] = []
  #working: Promise<void> | undefined
  #migrated = false
  #listener: StoreListener | undefined
  #hearing: Promise<(() => Promise<void>) | undefined> | undefined
  #stopped: Promise<void> = Promise.resolve()
  #closed: Promise<void> | undefined

  constructor(driver: PostgresDriver, options: PostgresStoreOptions) {
    this.pollMs = options.pollMs
    this.#driver = driver
    this.#options = options
    const { schema, mostDue = MOST_DUE } = options
    this.#context = { ...options, mostDue, queries: itemQueries(schema, mostDue) }
  }

  listen(listener: StoreListener): void {
    this.#listener = listener
  }

  run<Name extends keyof ReviewTransactions>(
    name: Name,
    at: number,
    input: ReviewInput<Name>,
  ): Promise<ReviewOutput<Name>> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) throw queueError('PARAPET_QUEUE_CLOSED', { call: name })
      this.#waiting.push({
        name,
        at,
        askedAt: performance.now(),
        input,
        resolve: resolve as Pending['resolve'],
        reject,
      })
      this.#working ??= this.#work()
    })
  }

  /** Begins to hear of decisions by other processes; while it does not, waiters are told by polling. */
  hear(): void {
    if (this.#closed !== undefined || this.#hearing !== undefined) return
    const forget = () => {
      if (this.#hearing === hearing) this.#hearing = undefined
    }
    const heard = (ids: string) => this.#listener?.settled(ids.split(','))
    const hearing = this.#driver.listen(settledChannel(this.#options.schema), heard, forget).catch(() => {
      forget()
      return undefined
    })
    this.#hearing = hearing
  }

  /** Hears no more, and gives the connection free. */
  stopHearing(): Promise<void> {
    const hearing = this.#hearing
    this.#hearing = undefined
    this.#stopped = this.#stopped.then(async () => {
      const stop = await hearing
      await stop?.().catch(() => {})
    })
    return this.#stopped
  }

  /** Does something on a connection of its own, with the schema in place. Rejects with the queue's errors. */
  async withConnection<Value>(work: (connection: PostgresConnection) => Promise<Value>): Promise<Value> {
    try {
      return await this.#onConnection(work)
    } catch (error) {
      throw this.#toError(error)
    }
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#working
    await this.stopHearing()
    await this.#driver.close()
  }

  async #work(): Promise<void> {
    // Calls of one turn of the event loop go together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const length = groupLength(this.#waiting, this.#options.maxBatch)
      const calls = this.#waiting.slice(0, length)
      this.#waiting = this.#waiting.slice(length)
      await this.#serve(calls)
    }
    this.#working = undefined
  }

  async #serve(calls: readonly Pending[]): Promise<void> {
    try {
      const answers = await this.#perform(calls)
      for (const [index, call] of calls.entries()) settle(call, answers[index])
    } catch (error) {
      // One that the database refuses (it is too large, say), or whose row is locked, must not take the others along.
      if (calls.length > 1 && (kindOf(error) === 'refused' || isLockTimeout(error))) {
        for (const call of calls) await this.#serve([call])
        return
      }
      const reason = this.#toError(error)
      for (const call of calls) call.reject(reason)
    }
  }

  async #perform(calls: readonly Call[]): Promise<readonly Answer[]> {
    const head = calls[0]
    if (!head || !isRead(head)) return this.#change(calls)
    await this.#sweep(calls)
    return this.#again(() =>
      this.#onConnection((connection) => readGroup(connection, this.#options.schema, calls)),
    )
  }

  /** Makes calls that write, after as many transactions as it takes to put into effect what is due. */
  async #change(calls: readonly Call[]): Promise<readonly Answer[]> {
    for (;;) {
      const { answers } = await this.#write((connection) => writeGroup(connection, calls, this.#context))
      if (answers.length === calls.length) return answers
    }
  }

  /** Puts into effect what is due, so that readers find it so: also what others are just busy with. */
  async #sweep(calls: readonly Call[]): Promise<void> {
    const at = Math.max(...calls.map((call) => call.at))
    for (let wait = false; await this.#isDue(at, calls); wait = true) {
      const done = await this.#write((connection) => sweepDue(connection, this.#context, { at, wait }))
      // A row that says it is due, and of which nothing comes, was changed by other hands: no reason to go round for ever.
      if (wait && done.changed === 0) return
    }
  }

  async #isDue(at: number, calls: readonly Call[]): Promise<boolean> {
    const [row] = await this.#again(() =>
      this.#onConnection((connection) => connection.query(this.#context.queries.nextDue, [])),
    )
    requireClock(calls, row?.['clock'], this.#options)
    const due = row?.['due']
    return typeof due === 'number' && due <= at
  }

  /** Makes a transaction until it is known to be made, or known not to be. */
  async #write<Done extends WrittenGroup>(
    transact: (connection: PostgresConnection) => Promise<Done>,
  ): Promise<Done> {
    const done = await this.#again(async () => {
      try {
        return await this.#onConnection(transact)
      } catch (error) {
        if (!(error instanceof UnknownCommit)) throw error
        if (kindOf(error.cause) !== 'lost') throw error.cause
        if (await this.#wasCommitted(error.xid)) return error.done as Done
        throw error.cause
      }
    })
    this.#listener?.settled(done.settled)
    return done
  }

  /**
   * What became of a commit whose answer the network swallowed: the server knows.
   * @throws PARAPET_QUEUE_DISCONNECTED when it cannot be asked
   */
  async #wasCommitted(xid: string): Promise<boolean> {
    const giveUpAt = performance.now() + this.#options.timeoutMs
    for (let tries = 1; ; tries++) {
      const status = await this.#onConnection((connection) =>
        connection.query('SELECT pg_xact_status($1::text::xid8) AS status', [xid]),
      ).then(
        ([row]) => row?.['status'],
        () => 'unreachable',
      )
      if (status === 'committed' || status === 'aborted') return status === 'committed'
      if (performance.now() > giveUpAt) {
        const fault = 'the outcome of a commit is not known'
        throw queueError('PARAPET_QUEUE_DISCONNECTED', { where: this.#options.where, fault })
      }
      await pause(tries)
    }
  }

  /** Tries again what failed for a reason that passes, after nothing of it was stored. */
  async #again<Value>(work: () => Promise<Value>): Promise<Value> {
    for (let tries = 1; ; tries++) {
      try {
        return await work()
      } catch (error) {
        const kind = kindOf(error)
        if (tries === MOST_TRIES || (kind !== 'again' && kind !== 'lost')) throw error
        await pause(tries)
      }
    }
  }

  async #onConnection<Value>(work: (connection: PostgresConnection) => Promise<Value>): Promise<Value> {
    const connection = await this.#driver.connect()
    try {
      if (!this.#migrated) await migrate(connection, this.#options)
      this.#migrated = true
      const value = await work(connection)
      connection.release()
      return value
    } catch (error) {
      await abandon(connection, error)
      throw error
    }
  }

  #toError(error: unknown): Error {
    return toQueueError(error, this.#options)
  }
}

/** Ends the transaction that failed. A connection that cannot even do that is thrown away. */
async function abandon(connection: PostgresConnection, error: unknown): Promise<void> {
  const cause = error instanceof UnknownCommit ? error.cause : error
  const lost =
    kindOf(cause) === 'lost' ||
    (await connection.script('ROLLBACK').then(
      () => false,
      () => true,
    ))
  connection.release(lost)
}

function settle(call: Pending, answer: Answer | undefined): void {
  if (answer && 'value' in answer) call.resolve(answer.value as never)
  else call.reject(answer?.error)
}

function pause(tries: number): Promise<void> {
  return sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1)) * (0.5 + Math.random()))
}
