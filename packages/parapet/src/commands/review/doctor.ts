import { reviewStats } from '@parapet/sdk'
import { EXIT } from '../../output/exit-codes.ts'
import { table } from '../../output/table.ts'
import { allItems } from './all-items.ts'
import { answer, type Call, type Verb } from './call.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly found: string
}

/** What is open while nobody looks: half of its time has gone by. */
async function waitingFindings(call: Call, now: number): Promise<Finding[]> {
  const late: Record<string, number> = {}
  const { teams } = await reviewStats(
    (async function* () {
      for await (const item of allItems(call)) {
        const { state, deadlineAt, createdAt, team } = item
        const isLate = deadlineAt !== undefined && now - createdAt > (deadlineAt - createdAt) / 2
        if (state === 'open' && isLate) late[team] = (late[team] ?? 0) + 1
        yield item
      }
    })(),
  )
  return Object.entries(teams).map(([team, { open, claimed }]) => ({
    check: `team ${team}`,
    ok: (late[team] ?? 0) === 0,
    found: `${open} open, ${claimed} claimed, ${late[team] ?? 0} with less than half of their time left`,
  }))
}

/** Checks the database, the log, and whether anybody keeps up. */
export const doctor: Verb = async (call) => {
  const now = Date.now()
  const { integrity, orphans, mismatched, deadTexts, vacuumsItself } = await call.check()
  const log = await call.queue.verifyLog()
  const findings: Finding[] = [
    { check: 'database', ok: integrity === 'ok', found: integrity },
    { check: 'references', ok: orphans === 0, found: `${orphans} rows without their item` },
    {
      check: 'columns',
      ok: mismatched === 0,
      found: `${mismatched} items whose columns differ from their document`,
    },
    {
      check: 'log',
      ok: log.brokenAt === undefined,
      found: log.brokenAt === undefined ? `${log.entries} entries, whole` : `broken at ${log.brokenAt}`,
    },
    ...(deadTexts === undefined
      ? []
      : [
          {
            check: 'erased text',
            ok: deadTexts === 0 || vacuumsItself === true,
            found: `${deadTexts} rows until the server vacuums${vacuumsItself ? '' : ', which it does not by itself'}; parapet erase --vacuum does it now`,
          },
        ]),
    ...(await waitingFindings(call, now)),
  ]
  await answer(call, findings, () =>
    table(
      ['check', '', 'found'],
      findings.map(({ check, ok, found }) => [check, ok ? 'ok' : 'LOOK', found]),
    ),
  )
  return findings.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed
}
