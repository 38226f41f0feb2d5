import { type ReviewReads, type ReviewTransactions, rulesOf, runRules } from '@parapet/sdk/review-rules'
import { count } from './queries/count.ts'
import { events } from './queries/events.ts'
import { list } from './queries/list.ts'
import { settled } from './queries/settled.ts'
import { type LogCheck, verifyLog } from './queries/verify-log.ts'
import type { ReviewDatabase } from './review-database.ts'
import { scrubDue } from './scrub.ts'
import { SqliteRows } from './sqlite-rows.ts'

/** What the SQLite store does beyond every store's part. */
export interface SqliteTransactions extends ReviewTransactions {
  verifyLog(at: number, nothing: null): LogCheck
  /** Whether the write-ahead log may still hold text that was erased. */
  erasedTextLeft(at: number, nothing: null): boolean
}

type Read = ReviewReads | 'verifyLog' | 'erasedTextLeft'

const QUERIES: {
  readonly [Call in Read]: (
    database: ReviewDatabase,
    input: Parameters<SqliteTransactions[Call]>[1],
  ) => ReturnType<SqliteTransactions[Call]>
} = {
  list,
  count,
  events,
  settled,
  verifyLog,
  erasedTextLeft: (database) => scrubDue(database) !== undefined,
}

/** Runs one call: by the rules that every store shares, or by a query of this one. What was due has been swept before. */
export function runCall(
  database: ReviewDatabase,
  name: keyof SqliteTransactions,
  at: number,
  input: unknown,
): unknown {
  if (Object.hasOwn(QUERIES, name)) {
    const query = QUERIES[name as Read] as (database: ReviewDatabase, input: unknown) => unknown
    return query(database, input)
  }
  const rules = rulesOf(name as keyof ReviewTransactions, at, input as never)
  return rules && runRules(rules, new SqliteRows(database))
}

/** The calls that write nothing by themselves. */
export const READS: ReadonlySet<keyof SqliteTransactions> = new Set([
  'get',
  'list',
  'count',
  'events',
  'settled',
  'sweep',
  'verifyLog',
  'erasedTextLeft',
])
