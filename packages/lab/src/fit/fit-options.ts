import type { ModelHost } from '@parapet/runtime'
import { labError } from '../errors/codes.ts'
import type { PromptSet } from '../prompts/prompt-set.ts'
import type { Progress } from '../run/progress.ts'
import { looksLikeRefusal } from './looks-like-refusal.ts'

/** How a direction is found. Only `model`, `harmful`, `harmless` and `out` are needed. */
export interface FitOptions {
  /** Folder of the chat model, with its `manifest.json`. */
  readonly model: string
  /** Requests that the model refuses, and requests that it answers: 20 at the least, 260 of each for the published numbers. */
  readonly harmful: PromptSet
  readonly harmless: PromptSet
  /** The run folder: every stage leaves its artefact there, and a run that was ended is taken up again. */
  readonly out: string
  /**
   * `arditi` weighs directions by what the first answer token becomes (Arditi et al. 2024, arXiv 2406.11717); `cosmic` by how near the
   * states of a changed model come to those of the other class (Siu et al. 2025, arXiv 2506.00085), for models with no fixed refusal
   * tokens, or with none. @default 'arditi'
   */
  readonly method?: 'arditi' | 'cosmic'
  /** Of the order in which prompts are taken, and of the random controls. @default 42 */
  readonly seed?: number
  /** Prompts of each class for the means, 8 or more. @default 128 */
  readonly train?: number
  /** Prompts of each class that candidates are weighed on, 4 or more. @default 32 */
  readonly validation?: number
  /** Prompts of each class, filtered by nothing, that the chosen direction is tested on, 4 or more. @default 100 */
  readonly test?: number
  /** Candidates that are weighed by running the model, those that separate the classes best; 0 for all. @default 20 */
  readonly shortlist?: number
  /** What they are taken by: d′ of the projections, or the cosine of the class means (the lower the better). @default 'd-prime' */
  readonly shortlistBy?: 'd-prime' | 'cosine'
  /** Nats: how much an erasure may change the first token of harmless answers. A small model needs more. @default 0.1 */
  readonly klBound?: number
  /** The mean refusal score that adding the direction must bring harmless prompts to. @default 0 */
  readonly induceBound?: number
  /** Share of the blocks that a direction may come from, (0, 1]. @default 0.8 */
  readonly depth?: number
  /** Erase to 0, or to the mean of harmless prompts (the affine form). The other one is tested beside. @default 'zero' */
  readonly erase?: 'zero' | 'affine'
  /** Positions that interventions leave alone: `Intervention` of `@parapet/runtime`. @default 'sinks' */
  readonly spare?: 'sinks' | 'first' | 'none'
  /** Positions to read, from the end of the prompt. @default every token that the template puts behind the request */
  readonly positions?: readonly number[]
  /** Ids of the tokens that refusals begin with. @default found from the model's own answers */
  readonly refusalTokens?: readonly number[]
  /** Answers of each class that refusal tokens are found from. @default 48 */
  readonly answers?: number
  /** Tokens of each of these answers, 1 to 256. @default 24 */
  readonly answerTokens?: number
  /** Whether an answer refuses. @default the openings that refusals have in English */
  readonly isRefusal?: (answer: string) => boolean | Promise<boolean>
  /** Random directions that the chosen one is compared with, 0 to 20. @default 2 */
  readonly controls?: number
  /** System prompt. @default the template's own */
  readonly system?: string
  /** Whether the direction was trained into the model by a tuning. Recorded as it is said. @default 'unknown' */
  readonly origin?: 'native' | 'planted' | 'unknown'
  /** Languages of the prompts, BCP 47. @default ['en'] */
  readonly languages?: readonly string[]
  /** Where the model runs. @default a host of its own, closed at the end */
  readonly host?: ModelHost
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

/** Every default, as one value. */
export const DEFAULT_FIT_OPTIONS = {
  method: 'arditi',
  seed: 42,
  train: 128,
  validation: 32,
  test: 100,
  shortlist: 20,
  shortlistBy: 'd-prime',
  klBound: 0.1,
  induceBound: 0,
  depth: 0.8,
  erase: 'zero',
  spare: 'sinks',
  answers: 48,
  answerTokens: 24,
  isRefusal: looksLikeRefusal,
  controls: 2,
  origin: 'unknown',
  languages: ['en'],
  onProgress: () => {},
} as const satisfies Partial<FitOptions>

/** Options with every default filled in. */
export type ResolvedFitOptions = FitOptions & Required<Pick<FitOptions, keyof typeof DEFAULT_FIT_OPTIONS>>

const CHOICES = {
  method: ['arditi', 'cosmic'],
  shortlistBy: ['d-prime', 'cosine'],
  erase: ['zero', 'affine'],
  spare: ['sinks', 'first', 'none'],
  origin: ['native', 'planted', 'unknown'],
} as const

/** Bounds of the options that are whole numbers, both inclusive. */
const COUNTS = {
  seed: [0, 2 ** 31 - 1],
  train: [8, 100_000],
  validation: [4, 100_000],
  test: [4, 100_000],
  shortlist: [0, 100_000],
  answers: [8, 10_000],
  answerTokens: [1, 256],
  controls: [0, 20],
} as const

/** Fills in the defaults. @throws `PARAPET_LAB_OPTION_INVALID` */
export function resolveFitOptions(options: FitOptions): ResolvedFitOptions {
  // A caller in JavaScript may hand on undefined: it means the default.
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  const resolved: ResolvedFitOptions = Object.assign(
    {},
    options,
    DEFAULT_FIT_OPTIONS,
    Object.fromEntries(given),
  )
  for (const [option, choices] of Object.entries(CHOICES)) {
    const value = resolved[option as keyof typeof CHOICES]
    if (!(choices as readonly string[]).includes(value)) throw invalid(option, value, choices.join(', '))
  }
  for (const [option, [least, most]] of Object.entries(COUNTS)) {
    const value = resolved[option as keyof typeof COUNTS]
    if (!Number.isInteger(value) || value < least || value > most)
      throw invalid(option, value, `a whole number from ${least} to ${most}`)
  }
  const { klBound, induceBound, depth, positions, refusalTokens, languages } = resolved
  if (!(klBound > 0)) throw invalid('klBound', klBound, 'a number above 0')
  if (!Number.isFinite(induceBound)) throw invalid('induceBound', induceBound, 'a finite number')
  if (!(depth > 0 && depth <= 1)) throw invalid('depth', depth, 'above 0, at most 1')
  if (positions && !(positions.length > 0 && distinct(positions, (position) => position < 0)))
    throw invalid('positions', positions, 'negative whole numbers, each once')
  if (refusalTokens && !(refusalTokens.length > 0 && distinct(refusalTokens, (token) => token >= 0)))
    throw invalid('refusalTokens', refusalTokens, 'ids of tokens, each once')
  if (languages.length === 0) throw invalid('languages', 'empty', 'one or more')
  return resolved
}

function distinct(numbers: readonly number[], test: (number: number) => boolean): boolean {
  return (
    numbers.every((number) => Number.isInteger(number) && test(number)) &&
    new Set(numbers).size === numbers.length
  )
}

function invalid(option: string, received: unknown, expected: string): Error {
  return labError('PARAPET_LAB_OPTION_INVALID', { option, received: String(received).slice(0, 60), expected })
}
