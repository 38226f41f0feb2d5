import { type Fault, QueueFault, runRules, sweep } from '@parapet/sdk/review-rules'
import type { ReviewDatabase } from './review-database.ts'
import { SqliteRows } from './sqlite-rows.ts'
import { READS, runCall, type SqliteTransactions } from './transactions.ts'

/** A call as it comes over from the app's thread. */
export interface Call {
  readonly number: number
  readonly name: keyof SqliteTransactions
  readonly at: number
  readonly input: unknown
}

/** What became of a call. */
export type Answer =
  | { readonly number: number; readonly value: unknown }
  | { readonly number: number; readonly fault: Fault }

/** What became of a group of calls, all of it durable. */
export interface Group {
  readonly answers: readonly Answer[]
  readonly settled: readonly string[]
}

/**
 * Runs calls in one transaction: one fsync for all of them. Each stands for itself: one that fails leaves nothing and
 * takes none along. What SQLite itself refuses (a full disk) is tried again call by call, so that one that is too large
 * does not stop the small ones.
 */
export function groupCommit(
  database: ReviewDatabase,
  calls: readonly Call[],
  toFault: (error: unknown) => Fault,
): Group {
  try {
    const answers = transact(database, calls)
    return { answers, settled: database.settled }
  } catch (error) {
    rollBack(database)
    const fault = toFault(error)
    // Another writer is in the way: each call would only wait for it again.
    if (calls.length === 1 || fault.code === 'PARAPET_QUEUE_LOCKED') {
      return { answers: calls.map(({ number }) => ({ number, fault })), settled: [] }
    }
    const groups = calls.map((call) => groupCommit(database, [call], toFault))
    return {
      answers: groups.flatMap(({ answers }) => answers),
      settled: groups.flatMap((group) => group.settled),
    }
  }
}

function transact(database: ReviewDatabase, calls: readonly Call[]): Answer[] {
  database.begin()
  begin(database, calls)
  const answers = calls.map((call) => answer(database, call))
  database.statement('COMMIT').run()
  database.committed()
  return answers
}

/** Readers take no write lock, unless something is due. */
function begin(database: ReviewDatabase, calls: readonly Call[]): void {
  if (calls.every(({ name }) => READS.has(name))) {
    database.statement('BEGIN').run()
    const latest = calls.reduce((at, call) => Math.max(at, call.at), 0)
    if ((database.nextDueAt() ?? Number.POSITIVE_INFINITY) > latest) return
    database.statement('COMMIT').run()
  }
  database.statement('BEGIN IMMEDIATE').run()
}

function answer(database: ReviewDatabase, call: Call): Answer {
  const { number, name, at, input } = call
  // Outside the savepoint: what was due has happened, whatever becomes of the call.
  runRules(sweep(at), new SqliteRows(database))
  database.statement('SAVEPOINT call').run()
  try {
    const value = runCall(database, name, at, input)
    database.statement('RELEASE call').run()
    return { number, value }
  } catch (error) {
    if (!(error instanceof QueueFault)) throw error
    database.statement('ROLLBACK TO call').run()
    database.statement('RELEASE call').run()
    database.forgetHead()
    return { number, fault: error.fault }
  }
}

function rollBack(database: ReviewDatabase): void {
  // A full disk may have rolled back already.
  if (database.database.isTransaction) database.database.exec('ROLLBACK')
}
