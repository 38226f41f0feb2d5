import { writeFile } from 'node:fs/promises'
import { type BarVerdict, gatePlan, type PlanBars, planMarkdown, planPolicy } from '@parapet/lab'
import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { cliError } from '../errors/codes.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { readPolicy } from '../read-policy.ts'
import { recordFiles } from '../record-files.ts'
import { describePlan } from './plan/describe-plan.ts'

const HELP = `parapet plan OLD NEW --records FILE…: what a change of policy would do, before it is made

  OLD NEW                    two policies (JSON or module)
  --records FILE             recorded decisions: a file of JSON lines or a folder of them; more than once for more
  --markdown FILE            writes the plan as Markdown, for a pull request
  --json                     the plan and its gate as JSON instead of tables

The gate, each bar only where it is stated:
  --max-loosened SHARE       decisions that may become softer, such as 0.001 or 0.1%; with intervals, and decisions that
                             the records cannot answer counted as if they might
  --max-changed SHARE        decisions that may change at all
  --max-reviews-per-day N    what reviewers would have to decide and look at
  --max-p95-ms MS            what measuring takes for 95 of 100 decisions, as recorded
  --no-openings              no new place where something passes that nothing judged
  --no-new-recipients        nobody gets content who did not before

Nothing is measured again. Exit status: 0 done, and every bar holds; 1 a bar does not; 2 the records do not say, or called
wrongly.`

const STATUS: Readonly<Record<BarVerdict, number>> = {
  pass: EXIT.ok,
  fail: EXIT.failed,
  inconclusive: EXIT.inconclusive,
}

/** Reads a number, or a share as `0.01` or `1%`. @throws PARAPET_CLI_USAGE */
function numberOf(option: string, value: string | undefined, most: number): number | undefined {
  if (value === undefined) return undefined
  const share = most === 1 && /%$/.test(value)
  const text = share ? value.slice(0, -1) : value
  const number = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) / (share ? 100 : 1) : Number.NaN
  if (number <= most) return number
  throw usage(
    'plan',
    `--${option} takes ${most === 1 ? 'a share from 0 to 1, such as 0.01 or 1%' : 'a number from 0 on'}.`,
  )
}

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((cause: NodeJS.ErrnoException) => {
    throw cliError('PARAPET_CLI_OUTPUT_FAILED', { path, fault: cause.code ?? 'unknown' }, { cause })
  })
}

async function run(args: readonly string[], { stdout }: Streams): Promise<number> {
  const { values, positionals } = parse('plan', args, {
    records: { type: 'string', multiple: true, default: [] },
    markdown: { type: 'string' },
    'max-loosened': { type: 'string' },
    'max-changed': { type: 'string' },
    'max-reviews-per-day': { type: 'string' },
    'max-p95-ms': { type: 'string' },
    'no-openings': { type: 'boolean', default: false },
    'no-new-recipients': { type: 'boolean', default: false },
  })
  const [old, next] = positionals
  if (old === undefined || next === undefined)
    throw usage('plan', 'Two policies are needed: the old one and the new one.')
  atMost('plan', positionals, 2)
  if (values.records.length === 0) throw usage('plan', 'plan needs --records FILE.')
  const numbers = {
    maxLoosened: numberOf('max-loosened', values['max-loosened'], 1),
    maxChanged: numberOf('max-changed', values['max-changed'], 1),
    maxReviewsPerDay: numberOf('max-reviews-per-day', values['max-reviews-per-day'], Number.MAX_SAFE_INTEGER),
    maxP95Ms: numberOf('max-p95-ms', values['max-p95-ms'], Number.MAX_SAFE_INTEGER),
  }
  const bars: PlanBars = {
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
    noOpenings: values['no-openings'],
    noNewRecipients: values['no-new-recipients'],
  }
  const [from, to] = [await readPolicy(old), await readPolicy(next)]
  const plan = await planPolicy({ from, to, records: await recordFiles(values.records) })
  const gate = gatePlan(plan, bars)
  if (values.markdown !== undefined) await write(values.markdown, planMarkdown(plan, gate))
  await print(stdout, values.json ? JSON.stringify({ ...plan, gate }) : describePlan(plan, gate))
  return STATUS[gate.verdict]
}

export const command: Command = { help: HELP, run }
