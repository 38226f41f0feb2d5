import type { ReviewTransactions } from '@parapet/sdk'
import { claim } from './queries/claim.ts'
import { count } from './queries/count.ts'
import { decide } from './queries/decide.ts'
import { enqueue } from './queries/enqueue.ts'
import { erase } from './queries/erase.ts'
import { events } from './queries/events.ts'
import { extend } from './queries/extend.ts'
import { get } from './queries/get.ts'
import { list } from './queries/list.ts'
import { release } from './queries/release.ts'
import { settled } from './queries/settled.ts'
import { useGrant } from './queries/use-grant.ts'
import { type LogCheck, verifyLog } from './queries/verify-log.ts'
import { view } from './queries/view.ts'
import type { ReviewDatabase } from './review-database.ts'

/** What the SQLite store does beyond every store's part. */
export interface SqliteTransactions extends ReviewTransactions {
  verifyLog(at: number, nothing: null): LogCheck
}

type Queries = {
  readonly [Call in keyof SqliteTransactions]: (
    database: ReviewDatabase,
    ...rest: Parameters<SqliteTransactions[Call]>
  ) => ReturnType<SqliteTransactions[Call]>
}

/** The query behind each call. What was due is swept before each of them. */
export const QUERIES: Queries = {
  enqueue,
  get,
  view,
  list,
  count,
  claim,
  extend,
  release,
  decide,
  useGrant,
  erase,
  events,
  settled,
  sweep: () => {},
  verifyLog,
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
])
