import { join } from 'node:path'
import { type ProveOptions, proveDirection, readPrompts } from '@parapet/lab'
import { atMost, type Command, parse, type Streams, usage, wholeNumber } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { chartWriter } from './prove/chart-writer.ts'
import { describeProof } from './prove/describe-proof.ts'
import { progressLines } from './prove/progress-lines.ts'

const HELP = `parapet prove: whether refusals hang on a direction

  --harmful FILE           JSON lines with "text": requests that the model is to refuse, 10 or more
  --harmless FILE          requests that it is to answer, 10 or more
  --model NAME             a weights package, a folder or hf:… (default: @parapet/model-sentinel)
  --direction FILE         the direction (default: direction.safetensors of the model)
  --untuned NAME           also prove the model before its tuning, beside; --untuned-direction FILE is its direction
  --out DIR                keep the evidence: every request, answer and judgement, and the proof; ended runs go on there
  --chart FILE             write the chart: .svg, or .png where @resvg/resvg-js is installed
  --prompts N              prompts of each kind, 10 or more, drawn by the seed (default: 100)
  --max-tokens N           tokens of an answer, 4 to 512 (default: 32)
  --random N               random directions to compare with, 1 to 50 (default: 5)
  --seed N                 of the draw and of the random directions (default: 42)
  --add-strength X         how often the direction is added, above 0 (default: 1)
  --erase FORM             zero, or affine: to the mean over harmless prompts (default: as the direction file was chosen)
  --spare WHAT             positions left alone: sinks, first or none (default: sinks)
  --system TEXT            a system prompt (default: the template's own)
  --concurrency N          answers written side by side, 1 to 16 (default: 2)
  --min-drop SHARE         refusals of harmful prompts must fall by this when the direction is erased, [0, 1]
  --min-rise SHARE         refusals of harmless prompts must rise by this when it is added, [0, 1]
  --max-random SHARE       refusals may move by this with a random direction, [0, 1]
  --json                   the proof as JSON: "refusalRate", and the counts and intervals behind it

Six groups of greedy answers: harmful prompts to the model as it is, with the direction erased, with random directions
erased; harmless prompts as it is, with the direction added, with random vectors of its length added. Answers that are
broken, or fluent but off the topic, are counted apart. Without --json: a table and a chart. Progress is on standard error.

Exit status: without bars 0 proved, 1 failed, 2 called wrongly. With bars 0 they hold, 1 one does not, 2 inconclusive (the
95 % interval straddles it), or called wrongly, which prints no proof.`

const SHIPPED = '@parapet/model-sentinel'

function share(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (value.trim() === '' || !(number >= 0 && number <= 1))
    throw usage('prove', `--${option} takes a share in [0, 1].`)
  return number
}

function strength(value: string): number {
  const number = Number(value)
  if (!(number > 0 && Number.isFinite(number))) throw usage('prove', '--add-strength takes a number above 0.')
  return number
}

function seedOf(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw usage('prove', '--seed takes a whole number of at most nine digits.')
  return Number(value)
}

async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { values, positionals } = parse('prove', args, {
    harmful: { type: 'string' },
    harmless: { type: 'string' },
    model: { type: 'string', default: SHIPPED },
    direction: { type: 'string' },
    untuned: { type: 'string' },
    'untuned-direction': { type: 'string' },
    out: { type: 'string' },
    chart: { type: 'string' },
    prompts: { type: 'string', default: '100' },
    'max-tokens': { type: 'string', default: '32' },
    random: { type: 'string', default: '5' },
    seed: { type: 'string', default: '42' },
    'add-strength': { type: 'string', default: '1' },
    erase: { type: 'string' },
    spare: { type: 'string', default: 'sinks' },
    system: { type: 'string' },
    concurrency: { type: 'string', default: '2' },
    'min-drop': { type: 'string' },
    'min-rise': { type: 'string' },
    'max-random': { type: 'string' },
  })
  atMost('prove', positionals, 0)
  if (values.harmful === undefined || values.harmless === undefined)
    throw usage('prove', '--harmful and --harmless are needed: files of JSON lines with "text".')
  if (values['untuned-direction'] !== undefined && values.untuned === undefined)
    throw usage('prove', '--untuned-direction belongs to --untuned.')
  if (!['sinks', 'first', 'none'].includes(values.spare))
    throw usage('prove', '--spare is one of sinks, first, none.')
  if (values.erase !== undefined && !['zero', 'affine'].includes(values.erase))
    throw usage('prove', '--erase is one of zero, affine.')
  const bars = {
    minDrop: share('min-drop', values['min-drop']),
    minRise: share('min-rise', values['min-rise']),
    maxRandomShift: share('max-random', values['max-random']),
  }
  const shared = {
    most: wholeNumber('prove', 'prompts', values.prompts, 100_000),
    maxNewTokens: wholeNumber('prove', 'max-tokens', values['max-tokens'], 512),
    randomDirections: wholeNumber('prove', 'random', values.random, 50),
    seed: seedOf(values.seed),
    addStrength: strength(values['add-strength']),
    spare: values.spare as NonNullable<ProveOptions['spare']>,
    concurrency: wholeNumber('prove', 'concurrency', values.concurrency, 16),
    ...(values.erase === undefined ? {} : { erase: values.erase as NonNullable<ProveOptions['erase']> }),
    ...(values.system === undefined ? {} : { system: values.system }),
  }
  const writeChart = await chartWriter(values.chart)
  const prompts = {
    harmful: await readPrompts(values.harmful, 'harmful'),
    harmless: await readPrompts(values.harmless, 'harmless'),
  }
  const proofOf = (name: string, direction: string | undefined, more: Partial<ProveOptions>, label: string) =>
    proveDirection({
      ...shared,
      ...prompts,
      ...more,
      model: name,
      ...(direction === undefined ? {} : { direction }),
      onProgress: progressLines(streams.stderr, label),
    })
  const out = (folder: string) => (values.out === undefined ? {} : { out: folder })
  const given = Object.fromEntries(Object.entries(bars).filter(([, bar]) => bar !== undefined))
  const proof = await proofOf(values.model, values.direction, { ...out(values.out ?? ''), bars: given }, '')
  const untuned =
    values.untuned === undefined
      ? undefined
      : await proofOf(
          values.untuned,
          values['untuned-direction'],
          out(join(values.out ?? '', 'untuned')),
          'untuned, ',
        )
  await writeChart(proof)
  if (values.json)
    await print(streams.stdout, JSON.stringify(untuned === undefined ? proof : { ...proof, untuned }))
  else {
    await print(streams.stdout, describeProof(proof))
    if (untuned) await print(streams.stdout, `\nThe model before its tuning:\n\n${describeProof(untuned)}`)
  }
  if (proof.verdict === 'inconclusive') return EXIT.inconclusive
  return proof.verdict === 'fail' ? EXIT.failed : EXIT.ok
}

export const command: Command = { help: HELP, run }
