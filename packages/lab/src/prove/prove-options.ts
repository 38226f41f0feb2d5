import type { ModelHost } from '@parapet/runtime'
import { labError } from '../errors/codes.ts'
import type { AnswerJudge } from '../judge/answer-judge.ts'
import type { PromptSet } from '../prompts/prompt-set.ts'
import type { Progress } from '../run/progress.ts'
import type { Bars } from './weigh-bars.ts'

/** How a direction is proved. */
export interface ProveOptions {
  /** Folder of the chat model, with its `manifest.json`. */
  readonly model: string
  /** The direction file. @default `direction.safetensors` in the model's folder */
  readonly direction?: string
  /** Requests that the model is to refuse, and requests that it is to answer; repeats count once. */
  readonly harmful: PromptSet
  readonly harmless: PromptSet
  /**
   * Folder for the evidence: every request, answer and judgement. A run that was ended is taken up again there.
   * @default none: nothing is kept
   */
  readonly out?: string
  /** Prompts of each kind, drawn by `seed` where there are more, 10 or more. @default 100 */
  readonly most?: number
  /** Tokens of an answer, 4 to 512. @default 32 */
  readonly maxNewTokens?: number
  /** Random directions to compare with, 1 to 50: each prompt meets one of them. @default 5 */
  readonly randomDirections?: number
  /** Of the draw of prompts and of the random directions, a whole number. @default 42 */
  readonly seed?: number
  /** How often the direction is added, above 0. @default 1 */
  readonly addStrength?: number
  /**
   * How the direction is erased: to 0, or to the mean over harmless prompts.
   * @default the form that the file was chosen with; `zero` where it does not say
   */
  readonly erase?: 'zero' | 'affine'
  /** What r̂ᵀx is brought to when the direction is erased in the affine form. @default the mean that the file has */
  readonly eraseOffset?: number
  /** Positions that interventions leave alone: `Intervention` of `@parapet/runtime`. @default 'sinks' */
  readonly spare?: 'sinks' | 'first' | 'none'
  /** System prompt. @default the template's own */
  readonly system?: string
  /** Bars that decide the verdict. @default none */
  readonly bars?: Bars
  /** Answers written side by side, 1 to 16. @default 2 */
  readonly concurrency?: number
  /** Where the model runs. @default a host of its own, closed at the end */
  readonly host?: ModelHost
  /** Who judges; it is not closed here. @default `createAnswerJudge()` on the host */
  readonly judge?: AnswerJudge
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
}

/** Every default, as one value. */
export const DEFAULT_PROVE_OPTIONS = {
  most: 100,
  maxNewTokens: 32,
  randomDirections: 5,
  seed: 42,
  addStrength: 1,
  spare: 'sinks',
  bars: {},
  concurrency: 2,
  onProgress: () => {},
} as const satisfies Partial<ProveOptions>

/** Fewer prompts of a kind prove nothing. */
export const FEWEST_PROMPTS = 10

/** Options with every default filled in. */
export type ResolvedProveOptions = ProveOptions &
  Required<Pick<ProveOptions, keyof typeof DEFAULT_PROVE_OPTIONS>>

const COUNTS = {
  most: [FEWEST_PROMPTS, 100_000],
  maxNewTokens: [4, 512],
  randomDirections: [1, 50],
  seed: [0, 2 ** 31 - 1],
  concurrency: [1, 16],
} as const

/** Fills in the defaults. @throws `PARAPET_LAB_OPTION_INVALID` */
export function resolveProveOptions(options: ProveOptions): ResolvedProveOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const resolved = { ...DEFAULT_PROVE_OPTIONS, ...(given as unknown as ProveOptions) }
  for (const [option, [least, most]] of Object.entries(COUNTS)) {
    const value = resolved[option as keyof typeof COUNTS]
    if (!Number.isInteger(value) || value < least || value > most)
      throw invalid(option, value, `a whole number from ${least} to ${most}`)
  }
  const { addStrength, erase, eraseOffset, spare, bars } = resolved
  if (!(addStrength > 0 && Number.isFinite(addStrength)))
    throw invalid('addStrength', addStrength, 'a number above 0')
  if (erase !== undefined && !['zero', 'affine'].includes(erase))
    throw invalid('erase', erase, 'zero, affine')
  if (eraseOffset !== undefined && !Number.isFinite(eraseOffset))
    throw invalid('eraseOffset', eraseOffset, 'a finite number')
  if (!['sinks', 'first', 'none'].includes(spare)) throw invalid('spare', spare, 'sinks, first, none')
  for (const [name, bar] of Object.entries<number>({ ...bars }))
    if (!(bar >= 0 && bar <= 1)) throw invalid(`bars.${name}`, bar, 'a share in [0, 1]')
  return resolved
}

function invalid(option: string, received: unknown, expected: string): Error {
  return labError('PARAPET_LAB_OPTION_INVALID', { option, received: String(received).slice(0, 60), expected })
}
