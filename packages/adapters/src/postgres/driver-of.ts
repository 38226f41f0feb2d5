import { queueError } from '@parapet/sdk'
import type { PostgresDriver } from './driver.ts'
import { loadPgPool } from './load-pg.ts'
import { type PGliteLike, pgliteDriver } from './pglite-driver.ts'
import { poolDriver } from './pool-driver.ts'
import type { PoolLike } from './pool-like.ts'

/** How much longer this side waits than the server works, so that the server's own word arrives. */
const GRACE_MS = 1_000
/** Calls, hearing of decisions, and asking what became of a commit. */
const MOST_CONNECTIONS = 3

/** A database: the URL of one, a pool of `pg` of your own, or PGlite. What you made stays yours to close. */
export type PostgresDatabase = string | PoolLike | PGliteLike

/** The driver for a database. @throws PARAPET_QUEUE_OPTIONS when it is none */
export function driverOf(
  database: PostgresDatabase,
  options: { readonly timeoutMs: number; readonly connections?: number },
): PostgresDriver {
  const timeoutMs = options.timeoutMs + GRACE_MS
  if (typeof database === 'string' && /^postgres(ql)?:\/\//.test(database))
    return urlDriver(database, timeoutMs, options.connections ?? MOST_CONNECTIONS)
  if (hasMethods<PGliteLike>(database, ['query', 'exec', 'listen'])) return pgliteDriver(database)
  if (hasMethods<PoolLike>(database, ['connect'])) return poolDriver(database, { timeoutMs })
  const problems = ['database: expected a postgres:// URL, a pool of pg, or PGlite']
  throw queueError('PARAPET_QUEUE_OPTIONS', { problems })
}

/** A pool of the driver's own, made when it is first needed. */
function urlDriver(connectionString: string, timeoutMs: number, max: number): PostgresDriver {
  let pool: ReturnType<typeof loadPgPool> | undefined
  const open = async () => {
    pool ??= loadPgPool({
      connectionString,
      max,
      connectionTimeoutMillis: timeoutMs,
      keepAlive: true,
      // Never what keeps a process alive that has nothing else to do.
      allowExitOnIdle: true,
      application_name: 'parapet',
    })
    const opened = await pool
    // An idle connection that the server ends is replaced; nobody waits for it.
    if (opened.listenerCount('error') === 0) opened.on('error', () => {})
    return opened
  }
  return poolDriver(
    { connect: async () => (await open()).connect() },
    { timeoutMs, end: async () => (await pool)?.end() },
  )
}

function hasMethods<Shape>(value: unknown, names: readonly (keyof Shape & string)[]): value is Shape {
  return (
    typeof value === 'object' &&
    value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
  )
}
