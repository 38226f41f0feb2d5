import { closeModels } from '@parapet/detectors'
import {
  createGuard,
  type Decision,
  memoryQueue,
  type Policy,
  type Reason,
  STAGES,
  type Stage,
} from '@parapet/sdk'
import { type Command, parse, print, type Streams, usage } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { fields, table } from '../output/table.ts'
import { standardPreset } from '../presets/standard.ts'
import { readPolicy } from '../read-policy.ts'

const HELP = `parapet check "text": what a policy says of a text

  "text"             the text; - reads it from standard input
  --stage STAGE      input, toolResult, reasoning, toolCall or output (default: input)
  --policy FILE      a JSON policy, or a module whose default export is a policy (default: the preset "standard")
  --json             the decision as JSON

Nothing is stored and nobody is asked: a hold is only named.
Exit status: 0 allow; 10 hold; 11 block; 1 failed; 2 called wrongly.`

async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('utf8')
}

function reasonRow(reason: Reason): (string | number)[] {
  if (reason.kind === 'rule')
    return [
      reason.detector,
      reason.label,
      reason.score.toFixed(4),
      `≥ ${reason.threshold.toFixed(4)}`,
      reason.action,
      reason.rule,
    ]
  const why = reason.kind === 'failed' ? reason.code : reason.reason
  return [reason.detector, reason.kind, '', why, reason.action, '']
}

function describe(decision: Decision): string {
  const summary = fields([
    ['verdict', decision.verdict],
    ['edits', decision.edits.map(({ start, end, label }) => `${label} ${start}–${end}`).join(', ') || 'none'],
    ['duties', decision.duties.map(({ kind, rule }) => `${kind} (${rule})`).join(', ') || 'none'],
    ['policy', `${decision.policy.id} ${decision.policy.version}`],
    ['milliseconds', decision.elapsedMs.toFixed(1)],
    ['decision', decision.id],
  ])
  if (decision.reasons.length === 0) return summary
  const header = ['detector', 'label', 'score', 'threshold', 'action', 'rule']
  return `${summary}\n\n${table(header, decision.reasons.map(reasonRow))}`
}

/** A check stores nothing, so holds need no real queue. */
async function decide(policy: Policy, stage: Stage, text: string): Promise<Decision> {
  const queue = memoryQueue()
  const guard = createGuard({ policy, queue })
  try {
    await guard.warm()
    return await guard.check({ stage, text })
  } finally {
    await guard.close()
    await queue.close()
    await closeModels()
  }
}

async function run(args: readonly string[], { stdin, stdout }: Streams): Promise<number> {
  const { values, positionals } = parse('check', args, {
    stage: { type: 'string', default: 'input' },
    policy: { type: 'string' },
  })
  const [given, ...more] = positionals
  if (given === undefined || more.length > 0)
    throw usage('check', 'One text is needed; quote it, or use - for standard input.')
  if (!STAGES.includes(values.stage as Stage)) throw usage('check', `--stage is one of ${STAGES.join(', ')}.`)
  const policy = values.policy === undefined ? standardPreset() : await readPolicy(values.policy)
  const text = given === '-' ? await readAll(stdin) : given
  const decision = await decide(policy, values.stage as Stage, text)
  await print(stdout, values.json ? JSON.stringify(decision) : describe(decision))
  return { allow: EXIT.ok, hold: EXIT.held, block: EXIT.blocked }[decision.verdict]
}

export const command: Command = { help: HELP, run }
