import { closeModels } from '@parapet/detectors'
import { type Detector, type LoadedDetector, measureOnce, STAGES, type Stage, toMessages } from '@parapet/sdk'
import { type Command, parse, type Streams, usage, wholeNumber } from '../command.ts'
import { answerLines } from '../lines/answer-lines.ts'
import { openInput } from '../lines/input.ts'
import type { RequestLine } from '../lines/request-line.ts'
import { detectorRegistry } from '../registry.ts'

const HELP = `parapet measure <detector>: scores for JSON lines

  <detector>         refusal-direction, toxicity, sentiment, secrets, personal-data
  --input FILE       read from a file (default: standard input)
  --options JSON     the detector's options (default: its own defaults)
  --stage STAGE      where the text stands (default: the first stage the detector covers)
  --timeout-ms N     the time for one line, in milliseconds (default: 120000)
  --concurrency N    lines measured side by side (default: 8)

Each line is an object with "text", or with "messages", whose last one is measured and whose others are the
conversation. A detector that judges answers alone measures the "response" beside them; the others pass it through.
One line comes out for each that goes in, in order: the line's own fields, and
  {"scores": {label: 0…1}, "flagged": [labels at or over the shipped threshold], "ms": …}
An abstention adds "abstained": "<reason>" to the scores it would give. A failure is {"failed": "<code>"} without scores.
All but "ms" is the same each time.

Exit status: 0 every line has an answer; 1 some do not, or the detector cannot be loaded; 2 called wrongly.`

/** The labels at or over the threshold that the detector ships with; for patterns, the labels found. */
function flagged(
  scores: Readonly<Record<string, number>>,
  labels: readonly string[],
  { calibration }: LoadedDetector,
): string[] {
  return labels.filter((label) => {
    const shipped = calibration ? calibration.labels[label]?.shipped : 1
    return shipped !== undefined && (scores[label] ?? 0) >= shipped
  })
}

interface Asked {
  readonly detector: Detector
  readonly loaded: LoadedDetector
  readonly stage: Stage
  readonly timeoutMs: number
}

async function measureLine(
  line: RequestLine,
  { detector, loaded, stage, timeoutMs }: Asked,
): Promise<Record<string, unknown>> {
  const started = performance.now()
  const judgesAnswers = !detector.descriptor.coverage.stages.includes('input')
  const response = judgesAnswers ? line.response : undefined
  const measurement = await measureOnce({
    detector,
    loaded,
    stage,
    text: response ?? line.text,
    conversation: toMessages(response === undefined ? line.conversation : line.turns),
    signal: AbortSignal.timeout(timeoutMs),
  })
  const ms = Math.round((performance.now() - started) * 1_000) / 1_000
  const { scores: _s, flagged: _f, abstained: _a, failed: _x, ms: _m, ...fields } = line.fields
  if (measurement.kind === 'failed') return { ...fields, failed: measurement.code, ms }
  const { labels } = detector.descriptor
  const scores = measurement.scores ?? {}
  const measured = {
    ...fields,
    scores: ordered(scores, labels),
    flagged: flagged(scores, labels, loaded),
    ms,
  }
  return measurement.kind === 'abstained' ? { ...measured, abstained: measurement.reason } : measured
}

/** Scores in the order of the labels, whatever order the detector filled them in. */
const ordered = (scores: Readonly<Record<string, number>>, labels: readonly string[]) =>
  Object.fromEntries(labels.flatMap((label) => (label in scores ? [[label, scores[label]]] : [])))

function makeDetector(id: string | undefined, options: string): Detector {
  const registry = detectorRegistry()
  const known = Object.keys(registry).join(', ')
  if (id === undefined) throw usage('measure', `A detector is needed: one of ${known}.`)
  const make = Object.hasOwn(registry, id) ? registry[id] : undefined
  if (!make) throw usage('measure', `There is no such detector. There are ${known}.`)
  let parsed: unknown
  try {
    parsed = JSON.parse(options)
  } catch {
    throw usage('measure', '--options is not JSON.')
  }
  return make(parsed as never)
}

/** Measures JSON lines with one detector: the contract of `parapet measure`. */
async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('measure', args, {
    input: { type: 'string' },
    options: { type: 'string', default: '{}' },
    stage: { type: 'string' },
    'timeout-ms': { type: 'string', default: '120000' },
    concurrency: { type: 'string', default: '8' },
  })
  if (positionals.length > 1) throw usage('measure', 'One detector at a time.')
  const detector = makeDetector(positionals[0], values.options)
  const stage = values.stage ?? (detector.descriptor.coverage.stages[0] as string)
  if (!STAGES.includes(stage as Stage)) throw usage('measure', `--stage is one of ${STAGES.join(', ')}.`)
  const timeoutMs = wholeNumber('measure', 'timeout-ms', values['timeout-ms'], 3_600_000)
  const concurrency = wholeNumber('measure', 'concurrency', values.concurrency, 32)
  const input = await openInput(values.input, streams.stdin)
  const loaded = await detector.load()
  const asked = { detector, loaded, stage: stage as Stage, timeoutMs }
  try {
    return await answerLines(input, concurrency, streams, (line) => measureLine(line, asked))
  } finally {
    await loaded.close?.()
    await closeModels()
  }
}

export const command: Command = { help: HELP, run }
