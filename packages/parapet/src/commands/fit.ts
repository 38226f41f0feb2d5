import { type FitOptions, fitDirection, readPrompts } from '@parapet/lab'
import { atMost, type Command, parse, type Streams, usage } from '../command.ts'
import { EXIT } from '../output/exit-codes.ts'
import { print } from '../output/print.ts'
import { describeFit } from './fit/describe-fit.ts'
import { progressLine } from './fit/progress-line.ts'

const HELP = `parapet fit: finds the direction along which a chat model refuses, and writes it as a direction file

  --model NAME       the chat model: a weights package, a folder or hf:owner/name@revision#dtype
  --harmful FILE     JSON lines with "text": requests that the model refuses (260 for the published numbers, 20 at the least)
  --harmless FILE    the same: requests that it answers
  --out DIR          the run folder: each stage leaves its artefact there, and the same call takes up a run that was ended
  --kl-bound N       nats: how much an erasure may change the first token of harmless answers (default: 0.1, as published;
                     a small model needs more). With another bound the same run folder chooses again from what was measured
  --method NAME      arditi, or cosmic for models with no fixed refusal tokens (default: arditi)
  --erase FORM       zero, or affine: to the mean of harmless prompts (default: zero; the other is tested beside)
  --shortlist N      candidates that are weighed by running the model, 0 for all (default: 20)
  --shortlist-by M   d-prime, or cosine: of the class means (default: d-prime)
  --train N          prompts of each class for the means, 8 or more (default: 128)
  --validation N     prompts of each class that candidates are weighed on, 4 or more (default: 32)
  --test N           prompts of each class put aside for the test, 4 or more; a quarter of them at most (default: 100)
  --induce-bound N   the mean refusal score that adding must bring harmless prompts to (default: 0)
  --depth SHARE      share of the blocks that a direction may come from, above 0, at most 1 (default: 0.8)
  --refusal-tokens I ids of the tokens that refusals begin with, parted by commas (default: found from the model's own answers)
  --answers N        answers of each class that they are found from (default: 48)
  --controls N       random directions to compare with, 0 to 20 (default: 2)
  --system TEXT      system prompt (default: the template's own)
  --origin WORD      native, planted or unknown: whether a tuning trained the direction in; recorded as it is said (default: unknown)
  --seed N           of the order of the prompts and of the controls (default: 42)

Progress and the time left go to standard error. After Arditi et al. 2024, arXiv 2406.11717.

Exit status: 0 a direction was found; 1 none was, or something is missing or broken; 2 called wrongly.`

const OPTIONS = {
  model: { type: 'string' },
  harmful: { type: 'string' },
  harmless: { type: 'string' },
  out: { type: 'string' },
  'kl-bound': { type: 'string' },
  method: { type: 'string' },
  erase: { type: 'string' },
  shortlist: { type: 'string' },
  'shortlist-by': { type: 'string' },
  train: { type: 'string' },
  validation: { type: 'string' },
  test: { type: 'string' },
  'induce-bound': { type: 'string' },
  depth: { type: 'string' },
  'refusal-tokens': { type: 'string' },
  answers: { type: 'string' },
  controls: { type: 'string' },
  system: { type: 'string' },
  origin: { type: 'string' },
  seed: { type: 'string' },
} as const

/** Options that are numbers, and what they are called in code; their ranges are checked there. */
const NUMBERS = {
  'kl-bound': 'klBound',
  'induce-bound': 'induceBound',
  depth: 'depth',
  shortlist: 'shortlist',
  train: 'train',
  validation: 'validation',
  test: 'test',
  answers: 'answers',
  controls: 'controls',
  seed: 'seed',
} as const

const WORDS = {
  method: 'method',
  erase: 'erase',
  'shortlist-by': 'shortlistBy',
  origin: 'origin',
  system: 'system',
} as const

type Values = Partial<Record<keyof typeof OPTIONS, string>>

function needed(values: Values, name: 'model' | 'harmful' | 'harmless' | 'out'): string {
  const value = values[name]
  if (value === undefined) throw usage('fit', `--${name} is needed.`)
  return value
}

function number(name: string, text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isNaN(value)) throw usage('fit', `--${name} takes a number.`)
  return value
}

/** What was said, by the names that `fitDirection` has for it; what was not said is left to its defaults. */
function choicesOf(values: Values): Partial<FitOptions> {
  const said = <Key extends string>(
    table: Readonly<Record<Key, string>>,
    read: (name: string, text: string) => unknown,
  ) =>
    Object.entries<string>(table).flatMap(([name, option]) => {
      const text = values[name as keyof Values]
      return text === undefined ? [] : [[option, read(name, text)] as const]
    })
  const tokens = values['refusal-tokens']?.split(',').map((text) => number('refusal-tokens', text))
  return Object.fromEntries([
    ...said(NUMBERS, number),
    ...said(WORDS, (_name, text) => text),
    ...(tokens ? [['refusalTokens', tokens] as const] : []),
  ])
}

async function run(args: readonly string[], { stdout, stderr }: Streams): Promise<number> {
  const { values, positionals } = parse('fit', args, OPTIONS)
  atMost('fit', positionals, 0)
  const model = needed(values, 'model')
  const [harmfulFile, harmlessFile, out] = [
    needed(values, 'harmful'),
    needed(values, 'harmless'),
    needed(values, 'out'),
  ]
  const choices = choicesOf(values)
  const result = await fitDirection({
    ...choices,
    model,
    harmful: await readPrompts(harmfulFile, 'harmful'),
    harmless: await readPrompts(harmlessFile, 'harmless'),
    out,
    onProgress: progressLine(stderr),
  })
  const { file, metadata, test } = result
  await print(stdout, values.json ? JSON.stringify({ file, metadata, test }) : describeFit(result))
  return EXIT.ok
}

export const command: Command = { help: HELP, run }
