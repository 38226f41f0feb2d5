import { resolve } from 'node:path'
import { type ReviewQueue, StoreQueue, type StoreQueueOptions } from '@parapet/sdk'
import { resolveSqliteQueueOptions, type SqliteQueueOptions } from './options.ts'
import type { LogCheck } from './queries/verify-log.ts'
import { WorkerStore } from './worker-store.ts'

/** A review queue in a SQLite file. */
export interface SqliteQueue extends ReviewQueue {
  /**
   * Follows the hash chain of the log from its start. Reads the whole log, and holds up other calls meanwhile.
   * It shows what was changed, moved or removed within the log; a cut at the end shows only against a `head` kept elsewhere.
   */
  verifyLog(): Promise<LogCheck>
  /**
   * Whether text that was erased may still stand in the write-ahead log: another process reads, and keeps it from being cut.
   * Every process that has the file open goes on trying.
   */
  erasedTextLeft(): Promise<boolean>
}

/**
 * A review queue in a SQLite file, for all processes of one machine. Opens the file with the first call, creates or
 * migrates it as needed, and never blocks the app's thread: the database lives on a thread of its own, which commits
 * whatever calls have come in together (`synchronous=FULL`).
 *
 * The folder must exist, on a local disk: SQLite's locks do not hold on network file systems.
 * @throws PARAPET_QUEUE_OPTIONS at once; everything else when a call is made
 */
export function sqliteQueue(path: string, options: SqliteQueueOptions = {}): SqliteQueue {
  const { leaseMs, now, maxItemBytes, reasons, ...store } = resolveSqliteQueueOptions(path, options)
  return new SqliteStoreQueue(new WorkerStore({ ...store, path: resolve(store.path) }), {
    leaseMs,
    now,
    maxItemBytes,
    ...(reasons && { reasons }),
  })
}

class SqliteStoreQueue extends StoreQueue implements SqliteQueue {
  readonly #store: WorkerStore
  readonly #now: () => number

  constructor(store: WorkerStore, options: StoreQueueOptions & { readonly now: () => number }) {
    super(store, options)
    this.#store = store
    this.#now = options.now
  }

  async verifyLog(): Promise<LogCheck> {
    return this.#store.run('verifyLog', Math.trunc(this.#now()), null)
  }

  async erasedTextLeft(): Promise<boolean> {
    return this.#store.run('erasedTextLeft', Math.trunc(this.#now()), null)
  }
}
