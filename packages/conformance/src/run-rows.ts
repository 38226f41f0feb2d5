import { conformanceError } from './errors/codes.ts'
import type { Bench } from './kit/bench.ts'
import { says } from './kit/script.ts'
import { createSession, MODES } from './kit/session.ts'
import type { Target } from './kit/target.ts'
import { ROWS, type Row } from './rows/index.ts'
import { ChatRefused } from './targets/call-chat.ts'

/** What one row found of one target. `n/a`: the row cannot be asked of it, and `how` says why; that is never clean. */
export interface Finding {
  readonly target: string
  readonly version: string
  readonly row: string
  readonly value: number | 'n/a'
  readonly unit: string
  readonly clean: boolean | 'n/a'
  readonly how: string
}

const HARMLESS = 'A harmless answer.'
/** A first call loads what a guard loads late. */
const FIRST_CALL_MS = 120_000

const statusOf = (error: unknown): number | undefined =>
  error instanceof ChatRefused ? error.status : undefined

/**
 * Asks a harmless question both ways, so that a row measures the guard and not a set-up that does not work.
 * @throws PARAPET_CONFORMANCE_NOT_DRIVEN
 */
async function checkDriven(target: Target, bench: Bench): Promise<void> {
  const session = createSession(target, bench)
  let checks = 0
  let problem: string | undefined
  let cause: unknown
  for (const mode of MODES) {
    const seen = await session.ask({ script: says(HARMLESS), mode, patienceMs: FIRST_CALL_MS })
    checks += seen.checks
    if (seen.text('text').includes(HARMLESS)) continue
    problem ??= `a harmless ${mode === 'stream' ? 'streamed ' : ''}call ${seen.calls.length === 0 ? 'did not reach the provider' : 'got no answer'}`
    const { ending } = seen
    if (ending.kind === 'failed') cause ??= ending.error
    const status = ending.kind === 'stopped' ? ending.status : statusOf(cause)
    if (status !== undefined) problem += `, but status ${status}`
  }
  if (problem === undefined && checks === 0) problem = 'harmless calls were shown to no check'
  if (problem === undefined) return
  throw conformanceError('PARAPET_CONFORMANCE_NOT_DRIVEN', { target: target.name, problem }, { cause })
}

/** The rows of these names, or all. @throws PARAPET_CONFORMANCE_UNKNOWN */
export function rowsNamed(names: readonly string[] = []): readonly Row[] {
  const known = ROWS.map(({ name }) => name)
  if (names.some((name) => !known.includes(name)))
    throw conformanceError('PARAPET_CONFORMANCE_UNKNOWN', { kind: 'row', known })
  return names.length === 0 ? ROWS : ROWS.filter(({ name }) => names.includes(name))
}

/**
 * Puts rows to a target, one after the other, and gives each finding as it is made.
 * @throws PARAPET_CONFORMANCE_NOT_DRIVEN where a harmless call does not work
 */
export async function* runRows(
  target: Target,
  bench: Bench,
  rows: readonly Row[] = ROWS,
): AsyncGenerator<Finding> {
  await checkDriven(target, bench)
  for (const row of rows) {
    const head = { target: target.name, version: target.version, row: row.name, unit: row.unit }
    const reason = target.notApplicable?.[row.name]
    if (reason !== undefined) yield { ...head, value: 'n/a', clean: 'n/a', how: reason }
    else yield { ...head, ...(await row.measure(createSession(target, bench), bench)) }
  }
}
