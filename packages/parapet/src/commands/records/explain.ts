import { explainDecision } from '@parapet/sdk'
import type { Streams } from '../../command.ts'
import { counted } from '../../output/counted.ts'
import { describeOutcome, milliseconds } from '../../output/describe-outcome.ts'
import { EXIT } from '../../output/exit-codes.ts'
import { print } from '../../output/print.ts'
import { reasonTable } from '../../output/reason-table.ts'
import { fields, table } from '../../output/table.ts'

/** Prints one decision with everything it was made from. */
export async function explain(
  id: string,
  files: readonly string[],
  json: boolean,
  { stdout }: Streams,
): Promise<number> {
  const explanation = await explainDecision(files, id)
  if (json) {
    await print(stdout, JSON.stringify(explanation))
    return EXIT.ok
  }
  const { decision, record, outcomes, holdEnds, mode, grant, tenant, complete, cost } = explanation
  const edits = decision.edits.map(({ label, start, end }) => `${label} ${start}–${end}`)
  const duties = decision.duties.map(({ kind, rule }) => `${kind} (${rule})`)
  const holds = holdEnds.map(({ outcome, reviewer }) => (reviewer ? `${outcome} by ${reviewer}` : outcome))
  const blocks = [
    fields([
      ['decision', decision.id],
      ['verdict', mode === 'shadow' ? `${decision.verdict} (shadow: nothing was done)` : decision.verdict],
      ['edits', edits.join(', ') || 'none'],
      ['duties', duties.join(', ') || 'none'],
      ['holds', holds.join(', ') || 'none'],
      ['grant', grant?.ticket ?? 'none'],
      ['policy', `${decision.policy.id} ${decision.policy.version}`],
      ['tenant', tenant],
      ['at', new Date(record.at).toISOString()],
      ['record', `${record.file}:${record.line}`],
      [
        'judged',
        `${counted(cost.characters, 'character')} in ${counted(cost.parts, 'part')}${complete ? '' : ', then it ended early'}`,
      ],
      ['milliseconds', decision.elapsedMs.toFixed(1)],
    ]),
  ]
  if (decision.reasons.length > 0) blocks.push(reasonTable(decision.reasons))
  if (outcomes.length > 0) {
    const rows = outcomes.map(({ part, stage, detector, outcome, elapsedMs }) => [
      part,
      stage,
      detector,
      describeOutcome(outcome),
      milliseconds(elapsedMs),
    ])
    blocks.push(table(['part', 'stage', 'detector', 'measured', 'ms'], rows))
  }
  await print(stdout, blocks.join('\n\n'))
  return EXIT.ok
}
