import { explainDecision, type Outcome, replayRecords, verifyRecords } from '@parapet/sdk'
import { type Command, parse, print, type Streams, usage } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { fields, table } from '../output/table.ts'
import { readPolicy } from '../read-policy.ts'

const HELP = `parapet records verify | replay | explain

  verify FILE…                     checks every hash chain, and names each broken link
  replay --policy FILE FILE…       re-decides what was recorded under another policy, and prints what would change
  explain <decision id> FILE…      everything one decision was made from

Exit status: 0 done (verify: the chains are whole); 1 failed (verify: a link is broken); 2 called wrongly.`

async function verify(files: readonly string[], json: boolean, { stdout }: Streams): Promise<number> {
  const result = await verifyRecords(files)
  const intact = result.breaks.length === 0
  if (json) await print(stdout, JSON.stringify({ intact, ...result }))
  else {
    await print(
      stdout,
      fields([
        ['records', result.records],
        ['chains', intact ? 'whole' : 'broken'],
      ]),
    )
    const rows = result.breaks.map((fault) => [
      fault.kind,
      fault.file,
      fault.line,
      fault.writer ?? '',
      fault.sequence ?? '',
    ])
    if (rows.length > 0)
      await print(stdout, `\n${table(['break', 'file', 'line', 'writer', 'sequence'], rows)}`)
  }
  return intact ? EXIT.ok : EXIT.failed
}

async function replay(
  files: readonly string[],
  path: string | undefined,
  json: boolean,
  { stdout }: Streams,
): Promise<number> {
  if (path === undefined) throw usage('records', 'replay needs --policy FILE.')
  const { document } = await readPolicy(path)
  const result = await replayRecords(files, document)
  if (json) await print(stdout, JSON.stringify(result))
  else {
    await print(
      stdout,
      fields([
        ['decisions', result.decisions],
        ['unchanged', result.unchanged],
        ['changed', result.changedCount],
        ['unanswerable', result.unanswerableCount],
        ['unreadable lines', result.unreadable],
      ]),
    )
    if (result.transitions.length > 0)
      await print(
        stdout,
        `\n${table(
          ['from', 'to', 'decisions'],
          result.transitions.map(({ from, to, count }) => [from, to, count]),
        )}`,
      )
    if (result.changed.length > 0)
      await print(
        stdout,
        `\n${table(
          ['decision', 'from', 'to'],
          result.changed.map(({ id, from, to }) => [id, from, to]),
        )}`,
      )
  }
  return EXIT.ok
}

function describeOutcome(outcome: Outcome): string {
  if (outcome.kind === 'scored')
    return Object.entries(outcome.scores)
      .map(([label, score]) => `${label} ${score.toFixed(4)}`)
      .join(', ')
  if (outcome.kind === 'abstained') return `abstained (${outcome.reason})`
  return outcome.kind === 'failed' ? `failed (${outcome.code})` : 'not asked'
}

async function explain(
  id: string | undefined,
  files: readonly string[],
  json: boolean,
  { stdout }: Streams,
): Promise<number> {
  if (id === undefined) throw usage('records', 'explain needs a decision id.')
  const explanation = await explainDecision(files, id)
  if (json) {
    await print(stdout, JSON.stringify(explanation))
    return EXIT.ok
  }
  const { decision, record, rules, outcomes, holdEnds, mode } = explanation
  await print(
    stdout,
    fields([
      ['decision', decision.id],
      ['verdict', mode === 'shadow' ? `${decision.verdict} (shadow: nothing was done)` : decision.verdict],
      ['policy', `${decision.policy.id} ${decision.policy.version}`],
      ['at', new Date(record.at).toISOString()],
      ['record', `${record.file}:${record.line}`],
      ['milliseconds', decision.elapsedMs.toFixed(1)],
      [
        'holds',
        holdEnds
          .map(({ outcome, reviewer }) => (reviewer ? `${outcome} by ${reviewer}` : outcome))
          .join(', ') || 'none',
      ],
    ]),
  )
  if (rules.length > 0) {
    const rows = rules.map(({ rule, detector, label, score, threshold, action }) => [
      rule,
      detector,
      label,
      score.toFixed(4),
      threshold.toFixed(4),
      action,
    ])
    await print(stdout, `\n${table(['rule', 'detector', 'label', 'score', 'threshold', 'action'], rows)}`)
  }
  const rows = outcomes.map(({ part, stage, detector, outcome }) => [
    part,
    stage,
    detector,
    describeOutcome(outcome),
  ])
  if (rows.length > 0) await print(stdout, `\n${table(['part', 'stage', 'detector', 'measured'], rows)}`)
  return EXIT.ok
}

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('records', args, { policy: { type: 'string' } })
  const [verb, ...rest] = positionals
  const [id, ...filesAfterId] = rest
  const files = verb === 'explain' ? filesAfterId : rest
  if (verb !== 'verify' && verb !== 'replay' && verb !== 'explain')
    throw usage('records', 'The verbs are verify, replay and explain.')
  if (files.length === 0) throw usage('records', 'At least one file of records is needed.')
  if (verb === 'verify') return verify(files, values.json, streams)
  if (verb === 'replay') return replay(files, values.policy, values.json, streams)
  return explain(id, files, values.json, streams)
}

export const command: Command = { help: HELP, run }
