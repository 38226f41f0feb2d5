import { closeModels } from '@parapet/detectors'
import {
  createGuard,
  type Decision,
  type DecisionBody,
  type JudgedPart,
  memoryQueue,
  type Policy,
  STAGES,
  type Stage,
} from '@parapet/sdk'
import { type Command, parse, type Streams, usage } from '../command.ts'
import { openInput } from '../lines/input.ts'
import { describeOutcome, milliseconds } from '../output/describe-outcome.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { reasonTable } from '../output/reason-table.ts'
import { fields, table } from '../output/table.ts'
import { standardPreset } from '../presets/standard.ts'
import { readPolicy } from '../read-policy.ts'

const HELP = `parapet check "text": what a policy says of a text

  "text"             the text; - reads it from standard input; a text that begins with - goes behind --
  --stage STAGE      input, toolResult, reasoning, toolCall or output (default: input)
  --policy FILE      a JSON policy, or a module whose default export is a policy (default: the preset "standard")
  --json             the decision as JSON, and what was measured

Nothing is stored and nobody is asked: a hold is only named. Of a policy in shadow mode, the verdict is what it
would do.

Exit status: 0 allow; 10 hold; 11 block; 1 failed; 2 called wrongly.`

async function readAll(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces).toString('utf8')
}

/** What one detector said. */
interface Measured {
  readonly detector: string
  readonly outcome: JudgedPart['outcomes'][string]
  readonly elapsedMs: number | undefined
}

function measuredIn({ parts }: DecisionBody): Measured[] {
  return parts.flatMap(({ outcomes, elapsedMs }) =>
    Object.entries(outcomes).map(([detector, outcome]) => {
      const spent = elapsedMs[detector]
      return { detector, outcome, elapsedMs: typeof spent === 'number' ? spent : undefined }
    }),
  )
}

function describe(decision: Decision, measured: readonly Measured[]): string {
  const { verdict, hold, edits, duties, policy, elapsedMs, id } = decision
  const summary = fields([
    ['verdict', hold ? `${verdict}: within ${hold.withinMs} ms, then ${hold.otherwise}` : verdict],
    ['edits', edits.map(({ start, end, label }) => `${label} ${start}–${end}`).join(', ') || 'none'],
    ['duties', duties.map(({ kind, rule }) => `${kind} (${rule})`).join(', ') || 'none'],
    ['policy', `${policy.id} ${policy.version}`],
    ['milliseconds', elapsedMs.toFixed(1)],
    ['decision', id],
  ])
  const rows = measured.map(({ detector, outcome, elapsedMs: ms }) => [
    detector,
    describeOutcome(outcome),
    milliseconds(ms),
  ])
  const why = decision.reasons.length === 0 ? [] : [reasonTable(decision.reasons)]
  const what = rows.length === 0 ? [] : [table(['detector', 'measured', 'ms'], rows)]
  return [summary, ...why, ...what].join('\n\n')
}

/** A check stores nothing: what would be recorded is kept for printing, and holds need no real queue. */
async function decide(policy: Policy, stage: Stage, text: string): Promise<[Decision, Measured[]]> {
  const queue = memoryQueue()
  const measured: Measured[] = []
  const records = {
    append: async (body: { readonly kind: string }) => {
      if (body.kind === 'decision') measured.push(...measuredIn(body as DecisionBody))
    },
  }
  const guard = createGuard({ policy, queue, records })
  try {
    await guard.warm()
    return [await guard.check({ stage, text }), measured]
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
  const text = given === '-' ? await readAll(await openInput('-', stdin)) : given
  const [decision, measurements] = await decide(policy, values.stage as Stage, text)
  await print(
    stdout,
    values.json ? JSON.stringify({ ...decision, measurements }) : describe(decision, measurements),
  )
  return { allow: EXIT.ok, hold: EXIT.held, block: EXIT.blocked }[decision.verdict]
}

export const command: Command = { help: HELP, run }
