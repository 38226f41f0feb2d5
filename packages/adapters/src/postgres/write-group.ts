import { QueueFault, rulesOf, runRulesAsync, sweep } from '@parapet/sdk/review-rules'
import { type Answer, type Call, idOf, keyOf } from './call.ts'
import type { PostgresConnection } from './driver.ts'
import { type ItemQueries, SERVER_CLOCK } from './item-queries.ts'
import { keyDigest } from './item-row.ts'
import { prepareCommit } from './prepare-commit.ts'
import { requireClock } from './require-clock.ts'
import { Workspace } from './workspace.ts'

/**
 * How long a client may be silent within a transaction: one that is cut off holds its locks so long. A part of the time that
 * others wait for a lock, so that they get it; but no shorter than a busy process may be silent.
 */
const MOST_IDLE_MS = 3_000
const LEAST_IDLE_MS = 500
const IDLE_PART = 0.6

/** What a transaction is made with. */
export interface GroupContext {
  readonly schema: string
  readonly queries: ItemQueries
  /** The most items that one transaction lets fall due. */
  readonly mostDue: number
  readonly busyTimeoutMs: number
  readonly timeoutMs: number
  readonly maxClockSkewMs: number
  /** The operator's name for the database, in errors. */
  readonly where: string
}

/** What became of a group of calls. */
export interface WrittenGroup {
  readonly answers: readonly Answer[]
  readonly settled: readonly string[]
}

/** A commit that was sent and not answered: `xid` names it, `done` is what its calls get if it was made. */
export class UnknownCommit extends Error {
  readonly xid: string
  readonly done: WrittenGroup

  constructor(xid: string, done: WrittenGroup, cause: unknown) {
    super('a commit was sent and not answered', { cause })
    this.xid = xid
    this.done = done
  }
}

/**
 * Runs calls in one transaction, in their order, each for itself: one that is refused leaves nothing and takes none along.
 *
 * READ COMMITTED is enough: every row that a rule sees was read by the statement that locked it, so it is the newest and
 * stays so until the commit. A key that another transaction stores meanwhile ends this one (`PR001`), and it is made again.
 *
 * Where more is due than one transaction takes, this one puts into effect what it took, and gives no answers: call again.
 */
export async function writeGroup(
  connection: PostgresConnection,
  calls: readonly Call[],
  context: GroupContext,
): Promise<WrittenGroup> {
  const { xid, clock } = await begin(connection, context)
  requireClock(calls, clock, context)
  const claims = calls.filter((call) => call.name === 'claim' && idOf(call) === undefined)
  const workspace = new Workspace(connection, context.queries, claims.length)
  await workspace.prepare({
    ids: calls.map(idOf).filter((id) => id !== undefined),
    keys: calls
      .map(keyOf)
      .filter((key) => key !== undefined)
      .map(keyDigest),
    at: Math.max(...calls.map(({ at }) => at)),
  })
  const first = Math.min(...calls.map(({ at }) => at))
  if (workspace.countDue(first) >= context.mostDue) {
    await runRulesAsync(sweep(first), workspace)
    // Whoever calls again must find less that is due: what no sweep moves is no reason to.
    if (workspace.countDue(first) === 0)
      return commit(connection, workspace, { xid, answers: [], schema: context.schema })
  }
  const answers: Answer[] = []
  for (const call of calls) answers.push(await answer(workspace, call))
  return commit(connection, workspace, { xid, answers, schema: context.schema })
}

/**
 * Puts into effect what is due at `at`, at most `mostDue` items in one transaction; gives how many things happened.
 * `wait` also takes what others have under their locks.
 */
export async function sweepDue(
  connection: PostgresConnection,
  context: GroupContext,
  { at, wait }: { readonly at: number; readonly wait: boolean },
): Promise<WrittenGroup & { readonly changed: number }> {
  const { xid } = await begin(connection, context)
  const workspace = new Workspace(connection, context.queries)
  if (wait) await workspace.load(await connection.query(context.queries.lockDue, [at]))
  else await workspace.prepare({ ids: [], keys: [], at })
  await runRulesAsync(sweep(at), workspace)
  const done = await commit(connection, workspace, { xid, answers: [], schema: context.schema })
  return { ...done, changed: workspace.changes().events.length }
}

async function answer(workspace: Workspace, { name, at, input }: Call): Promise<Answer> {
  workspace.moveTo(at)
  await runRulesAsync(sweep(at), workspace)
  const rules = rulesOf(name, at, input as never)
  try {
    return { value: rules && (await runRulesAsync(rules, workspace)) }
  } catch (error) {
    // Rules fail before they change anything.
    if (error instanceof QueueFault) return { error }
    throw error
  }
}

async function commit(
  connection: PostgresConnection,
  workspace: Workspace,
  {
    xid,
    answers,
    schema,
  }: { readonly xid: string; readonly answers: readonly Answer[]; readonly schema: string },
): Promise<WrittenGroup> {
  const changes = workspace.changes()
  const done = { answers, settled: changes.settled }
  const script = await prepareCommit(connection, schema, changes)
  try {
    await connection.script(script)
  } catch (error) {
    throw new UnknownCommit(xid, done, error)
  }
  return done
}

/** Begins a transaction whose commit is durable and whose waits are bounded; gives its id, and the server's time. */
async function begin(connection: PostgresConnection, context: GroupContext) {
  const { busyTimeoutMs, timeoutMs } = context
  const idleMs = Math.max(LEAST_IDLE_MS, Math.min(MOST_IDLE_MS, Math.trunc(busyTimeoutMs * IDLE_PART)))
  const rows = await connection.script(
    `BEGIN ISOLATION LEVEL READ COMMITTED;
     SET LOCAL statement_timeout = ${timeoutMs};
     SET LOCAL lock_timeout = ${busyTimeoutMs};
     SET LOCAL idle_in_transaction_session_timeout = ${Math.min(timeoutMs, idleMs)};
     SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
     SELECT pg_current_xact_id()::text AS xid, ${SERVER_CLOCK} AS clock`,
  )
  const { xid, clock } = rows.at(-1) ?? {}
  return { xid: String(xid), clock }
}
