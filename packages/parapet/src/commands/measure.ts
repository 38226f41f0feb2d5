import { closeModels } from '@parapet/detectors'
import {
  type Detector,
  type JsonObject,
  type LoadedDetector,
  measureOnce,
  STAGES,
  type Stage,
  toMessages,
} from '@parapet/sdk'
import { atMost, type Command, parse, type Streams, usage, wholeNumber } from '../command.ts'
import { answerLines, type LineResult } from '../lines/answer-lines.ts'
import { openInput } from '../lines/input.ts'
import type { RequestLine } from '../lines/request-line.ts'
import { detectorRegistry } from '../registry.ts'

/** A host computes one pass at a time: more lines at once wait for each other, and `ms` then tells of the waiting. */
const DEFAULT_CONCURRENCY = 1

const HELP = `parapet measure <detector>: scores for JSON lines

  <detector>         refusal-direction, toxicity, sentiment, secrets, personal-data, patterns; by a service, to which the
                     lines are sent: hugging-face, kserve, moderation, llm-judge, llama-guard
  --input FILE       read from a file (default: standard input)
  --options JSON     the detector's options (default: its own defaults)
  --stage STAGE      where the text stands (default: the first stage the detector covers)
  --timeout-ms N     the time for one line, in milliseconds (default: 120000)
  --concurrency N    lines measured side by side, 1 to 32 (default: ${DEFAULT_CONCURRENCY})

Each line is an object with "text", or with "messages", whose last one is measured and whose others are the
conversation. At the stage "output" the "response" beside them is measured, as the answer to them; elsewhere it is passed
through.
One line comes out for each that goes in, in order: the line's own fields, and
  {"scores": {label: 0…1}, "flagged": [labels at or over the shipped threshold], "ms": …}
An abstention adds "abstained": "<reason>" to the scores it would give. A failure is {"failed": "<code>"} without
scores. All but "ms" is the same each time.

Exit status: 0 every line has an answer; 1 some do not, or the detector cannot be loaded; 2 called wrongly.`

/** Fields of an answer: what an input line has of them is left out. */
const OWN_FIELDS = ['scores', 'flagged', 'abstained', 'failed', 'ms']

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

/** Scores in the order of the labels, whatever order the detector filled them in. */
function ordered(scores: Readonly<Record<string, number>>, labels: readonly string[]) {
  const entries = Object.entries(scores)
  return Object.fromEntries(entries.sort(([a], [b]) => labels.indexOf(a) - labels.indexOf(b)))
}

interface Asked {
  readonly detector: Detector
  readonly loaded: LoadedDetector
  readonly stage: Stage
  readonly timeoutMs: number
}

async function measureLine(
  { fields, text, response: given, turns, conversation }: RequestLine,
  { detector, loaded, stage, timeoutMs }: Asked,
): Promise<LineResult> {
  const { labels } = detector.descriptor
  // An answer counts where answers are asked about: elsewhere it is passed through.
  const response = stage === 'output' ? given : undefined
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), timeoutMs)
  const started = performance.now()
  const measurement = await measureOnce({
    detector,
    loaded,
    stage,
    text: response ?? text,
    conversation: toMessages(response === undefined ? conversation : turns),
    signal: deadline.signal,
  })
  const ms = Math.round((performance.now() - started) * 1_000) / 1_000
  clearTimeout(timer)
  if (measurement.kind === 'failed') return { ...fields, failed: measurement.code, ms }
  const scores = ordered(measurement.scores ?? {}, labels)
  const measured = { ...fields, scores, flagged: flagged(scores, labels, loaded), ms }
  return measurement.kind === 'abstained' ? { ...measured, abstained: measurement.reason } : measured
}

function parseOptions(text: string): JsonObject {
  let options: unknown
  try {
    options = JSON.parse(text)
  } catch {
    throw usage('measure', '--options is not JSON.')
  }
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw usage('measure', '--options is no JSON object.')
  return options as JsonObject
}

function makeDetector(id: string | undefined, options: string): Detector {
  const registry = detectorRegistry()
  const known = Object.keys(registry).join(', ')
  if (id === undefined) throw usage('measure', `A detector is needed: one of ${known}.`)
  const make = Object.hasOwn(registry, id) ? registry[id] : undefined
  if (!make) throw usage('measure', `There is no such detector. There are ${known}.`)
  return make(parseOptions(options))
}

/** Measures JSON lines with one detector: the contract of `parapet measure`. */
async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('measure', args, {
    input: { type: 'string' },
    options: { type: 'string', default: '{}' },
    stage: { type: 'string' },
    'timeout-ms': { type: 'string', default: '120000' },
    concurrency: { type: 'string', default: String(DEFAULT_CONCURRENCY) },
  })
  atMost('measure', positionals, 1)
  const detector = makeDetector(positionals[0], values.options)
  const stage = values.stage ?? (detector.descriptor.coverage.stages[0] as string)
  if (!STAGES.includes(stage as Stage)) throw usage('measure', `--stage is one of ${STAGES.join(', ')}.`)
  const timeoutMs = wholeNumber('measure', 'timeout-ms', values['timeout-ms'], 3_600_000)
  const concurrency = wholeNumber('measure', 'concurrency', values.concurrency, 32)
  const input = await openInput(values.input, streams.stdin)
  const loaded = await detector.load()
  const asked = { detector, loaded, stage: stage as Stage, timeoutMs }
  try {
    return await answerLines(input, streams, {
      concurrency,
      own: OWN_FIELDS,
      answer: (line) => measureLine(line, asked),
    })
  } finally {
    await loaded.close?.()
    await closeModels()
  }
}

export const command: Command = { help: HELP, run }
