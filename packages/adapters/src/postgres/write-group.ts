import {
  QueueFault,
  REVIEW_RULES,
  type RowProgram,
  type RuledCall,
  runRulesAsync,
} from '@parapet/sdk/review-rules'
import { type Answer, type Call, idOf } from './call.ts'
import type { PostgresConnection } from './driver.ts'
import type { ItemQueries } from './item-queries.ts'
import { keyDigest } from './item-row.ts'
import { Workspace } from './workspace.ts'
import { writeScript } from './write-script.ts'

/** What a transaction is made with. */
export interface GroupContext {
  readonly schema: string
  readonly queries: ItemQueries
  readonly busyTimeoutMs: number
  readonly timeoutMs: number
}

/** A commit that was sent and not answered: `xid` says which, and what its calls get if it was made. */
export class UnknownCommit extends Error {
  readonly xid: string
  readonly done: WrittenGroup

  constructor(xid: string, done: WrittenGroup, cause: unknown) {
    super('a commit was sent and not answered', { cause })
    this.xid = xid
    this.done = done
  }
}

/** What became of a group of calls. */
export interface WrittenGroup {
  readonly answers: readonly Answer[]
  readonly settled: readonly string[]
  /** How many items fell due, at most so many at a time. */
  readonly due: number
}

/**
 * Runs calls in one transaction, in their order, each for itself: one that is refused leaves nothing and takes none along.
 *
 * READ COMMITTED is enough: every row that a rule sees was locked first and read by the statement that locked it, so it is
 * the newest and stays so until the commit; a key that another transaction inserts meanwhile, and a row whose revision
 * moved, end this one (`PR001`), and it is made again.
 */
export async function writeGroup(
  connection: PostgresConnection,
  calls: readonly Call[],
  context: GroupContext,
  lockDue = false,
): Promise<WrittenGroup> {
  const xid = await begin(connection, context)
  const workspace = new Workspace(connection, context.queries)
  const latest = Math.max(...calls.map(({ at }) => at))
  const rows = lockDue
    ? await connection.query(context.queries.lockDue, [latest])
    : await connection.query(context.queries.lock, [
        calls.map(idOf).filter((id) => id !== undefined),
        calls.flatMap(keyDigestOf),
        latest,
      ])
  await workspace.load(rows)
  const answers: Answer[] = []
  for (const call of calls) answers.push(await answer(workspace, call))
  const { settled } = workspace.changes()
  const done = { answers, settled, due: rows.length }
  const script = writeScript(context.schema, workspace)
  try {
    await connection.script(script)
  } catch (error) {
    throw new UnknownCommit(xid, done, error)
  }
  return done
}

async function answer(workspace: Workspace, call: Call): Promise<Answer> {
  const { at, input } = call
  workspace.begin(at)
  // Outside of what can be taken back: what was due has happened, whatever becomes of the call.
  await runRulesAsync(REVIEW_RULES.sweep(at, null), workspace)
  workspace.begin(at)
  const rule = REVIEW_RULES[call.name as RuledCall] as (at: number, input: unknown) => RowProgram<unknown>
  try {
    return { value: await runRulesAsync(rule(at, input), workspace) }
  } catch (error) {
    if (!(error instanceof QueueFault)) throw error
    workspace.revert()
    return { error }
  }
}

/** Begins a transaction whose commit is durable and whose waits are bounded, and gives its id. */
async function begin(connection: PostgresConnection, context: GroupContext): Promise<string> {
  const { busyTimeoutMs, timeoutMs } = context
  const rows = await connection.script(
    `BEGIN ISOLATION LEVEL READ COMMITTED;
     SET LOCAL statement_timeout = ${timeoutMs};
     SET LOCAL lock_timeout = ${busyTimeoutMs};
     SET LOCAL idle_in_transaction_session_timeout = ${timeoutMs};
     SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') = 'off';
     SELECT pg_current_xact_id()::text AS xid`,
  )
  return String(rows.at(-1)?.['xid'])
}

function keyDigestOf({ name, input }: Call): readonly string[] {
  if (name === 'enqueue') return [keyDigest(input as { tenant: string; key: string })]
  return []
}
