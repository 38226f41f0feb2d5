import { type ReviewItem, type ReviewQueue, StoreQueue, type StoreQueueOptions } from '@parapet/sdk'
import { driverOf, type PostgresDatabase } from './driver-of.ts'
import { type PostgresQueueOptions, resolvePostgresQueueOptions } from './options.ts'
import { PostgresStore } from './postgres-store.ts'
import { countDeadTexts, vacuumErased } from './queries/erased-text.ts'
import { type LogCheck, verifyLog } from './queries/verify-log.ts'

/** A review queue in PostgreSQL. */
export interface PostgresQueue extends ReviewQueue {
  /**
   * Follows the hash chain of the log from its start, page by page. It shows what was changed, moved or removed within the
   * log; a cut at the end shows only against a `head` kept elsewhere.
   */
  verifyLog(): Promise<LogCheck>
  /**
   * Vacuums the tables that held erased text, so that it is gone from them at once and not when the server next does it by itself, in
   * a minute or two. Gives how many rows with such text are left, because a transaction elsewhere may still read them: by the server's
   * count, in which an erasure may show up to ten seconds late, so ask again before you believe that there are some.
   * The role must own the tables.
   * @throws PARAPET_QUEUE_LOCKED when it takes longer than `timeoutMs`
   */
  vacuumErased(): Promise<number>
}

/**
 * A review queue in PostgreSQL, for any number of machines: a `postgres://` URL, a pool of `pg` of your own, or PGlite.
 * Connects with the first call, makes or migrates its schema as needed, and commits calls that come together in one
 * transaction. Deadlines hold on every read; `startReviewWorker` also puts them into effect when nobody reads.
 * @throws PARAPET_QUEUE_OPTIONS at once; everything else when a call is made
 */
export function postgresQueue(database: PostgresDatabase, options: PostgresQueueOptions = {}): PostgresQueue {
  const { leaseMs, maxItemBytes, reasons, now, ...store } = resolvePostgresQueueOptions(options)
  return new PostgresStoreQueue(
    new PostgresStore(driverOf(database, store), {
      ...store,
      where: `schema "${store.schema}" in PostgreSQL`,
    }),
    { leaseMs, maxItemBytes, now, ...(reasons && { reasons }) },
    store.schema,
  )
}

class PostgresStoreQueue extends StoreQueue implements PostgresQueue {
  readonly #store: PostgresStore
  readonly #schema: string
  #waiting = 0

  constructor(store: PostgresStore, options: StoreQueueOptions, schema: string) {
    super(store, options)
    this.#store = store
    this.#schema = schema
  }

  override async wait(id: string, options: Parameters<ReviewQueue['wait']>[1]): Promise<ReviewItem> {
    this.#waiting += 1
    this.#store.hear()
    try {
      return await super.wait(id, options)
    } finally {
      this.#waiting -= 1
      if (this.#waiting === 0) void this.#store.stopHearing()
    }
  }

  verifyLog(): Promise<LogCheck> {
    return this.#store.withConnection((connection) => verifyLog(connection, this.#schema))
  }

  vacuumErased(): Promise<number> {
    return this.#store.withConnection(async (connection) => {
      await vacuumErased(connection, this.#schema)
      return countDeadTexts(connection, this.#schema)
    })
  }
}
