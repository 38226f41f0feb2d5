import type { Detector, JsonObject } from '@parapet/sdk'
import { z } from 'zod'
import { fault } from '../../errors/codes.ts'
import { checkedScore } from '../service/checked-score.ts'
import { COVERAGE_CHECKS, type CoverageOptions } from '../service/coverage-options.ts'
import { checkEndpoint } from '../service/endpoint.ts'
import { guardedFetch, readJson } from '../service/guarded-fetch.ts'
import { checkOptions, listOf, textOption } from '../service/option-check.ts'
import { type Ask, remoteDetector, resolveCoverage } from '../service/remote-detector.ts'
import { REMOTE_CHECKS, type RemoteOptions } from '../service/remote-options.ts'
import { hasKey, KEY_CHECKS, type KeyOptions, readKey } from '../service/service-key.ts'

/** The categories of OpenAI's `omni-moderation`. */
export const MODERATION_CATEGORIES = [
  'harassment',
  'harassment/threatening',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'sexual',
  'sexual/minors',
  'violence',
  'violence/graphic',
] as const

export type ModerationCategory = (typeof MODERATION_CATEGORIES)[number]

/** Options of `openAIModeration`. */
export interface OpenAIModerationOptions<Category extends string = ModerationCategory>
  extends RemoteOptions,
    KeyOptions,
    CoverageOptions {
  /** The categories to score. The answer must have each; further ones are left out. @default `MODERATION_CATEGORIES` */
  readonly categories?: readonly Category[]
  /** The address that `/moderations` is put behind. @default 'https://api.openai.com/v1' */
  readonly baseUrl?: string
  /** The model, by a name that does not move: `…-latest` would change its scores one day. @default 'omni-moderation-2024-09-26' */
  readonly model?: string
  /** The name that the answer must give the model, where the server calls it otherwise. @default the option `model` */
  readonly answersAs?: string
}

const ID = 'moderation'
const VERSION = '0.1.0'
const OPENAI = 'https://api.openai.com/v1'
const DEFAULT_MODEL = 'omni-moderation-2024-09-26'
const DEFAULT_KEY_ENV = 'OPENAI_API_KEY'
const DEFAULT_MAX_CHARACTERS = 10_000

const CHECKS = {
  ...REMOTE_CHECKS,
  ...KEY_CHECKS,
  ...COVERAGE_CHECKS,
  categories: listOf(textOption('the name of a category', 100)),
  baseUrl: textOption('an address'),
  model: textOption('the name of a model', 200),
  answersAs: textOption('the name of a model', 200),
}

const answered = z.object({
  model: z.string(),
  results: z.array(z.object({ category_scores: z.record(z.string(), z.unknown()) })).length(1),
})

/**
 * Measures a text with a service that speaks OpenAI's moderation: a score in [0, 1] for each category. The text leaves
 * this machine. There is no calibration, so rules use `.above(score)`. `docs/detectors/moderation.md` says what it misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_REMOTE_KEY_MISSING`; measuring `PARAPET_REMOTE_…`
 */
export function openAIModeration<const Category extends string = ModerationCategory>(
  options: OpenAIModerationOptions<Category> = {},
): Detector<Category> {
  checkOptions(ID, options, CHECKS)
  const { model = DEFAULT_MODEL, answersAs = model } = options
  const categories = options.categories ?? (MODERATION_CATEGORIES as unknown as readonly Category[])
  const atOpenAI = checkEndpoint(ID, 'baseUrl', options.baseUrl ?? OPENAI, false) === OPENAI
  const given = atOpenAI && !hasKey(ID, options) ? { ...options, keyEnv: DEFAULT_KEY_ENV } : options
  const baseUrl = checkEndpoint(ID, 'baseUrl', options.baseUrl ?? OPENAI, hasKey(ID, given))
  const coverage = resolveCoverage(options, { languages: 'any', maxCharacters: DEFAULT_MAX_CHARACTERS })
  const facts = { baseUrl, model, answersAs, categories, ...coverage } satisfies JsonObject
  const sendsTo = new URL(baseUrl).origin

  async function prepare(): Promise<Ask> {
    const reach = guardedFetch(ID, [sendsTo])

    async function moderate(input: string, signal: AbortSignal): Promise<Record<string, number>> {
      const key = await readKey(ID, given)
      const headers = {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      }
      const body = JSON.stringify({ model, input: input.toWellFormed() })
      const response = await reach(`${baseUrl}/moderations`, { method: 'POST', headers, body, signal })
      return scoresOf(await readJson(ID, response))
    }

    return ({ text }, calls, signal) => calls.call((limited) => moderate(text, limited), signal)
  }

  function scoresOf(answer: unknown): Record<string, number> {
    const parsed = answered.safeParse(answer)
    if (!parsed.success) {
      const problem = 'it is no moderation of one text'
      throw fault('PARAPET_REMOTE_ANSWER_MALFORMED', { detector: ID, problem })
    }
    if (parsed.data.model !== answersAs) {
      const problem = 'the answer names another'
      throw fault('PARAPET_REMOTE_MODEL_MISMATCH', { detector: ID, problem, expected: `"${answersAs}"` })
    }
    const scores = parsed.data.results[0]?.category_scores ?? {}
    const missing = categories.filter((category) => !Object.hasOwn(scores, category))
    if (missing.length > 0) {
      const problem = `${missing.length} are missing`
      throw fault('PARAPET_REMOTE_LABELS_MISMATCH', { detector: ID, problem, expected: categories })
    }
    return Object.fromEntries(
      categories.map((category) => [category, checkedScore(ID, category, scores[category])]),
    )
  }

  return remoteDetector({
    id: ID,
    version: VERSION,
    labels: categories,
    sendsTo,
    facts,
    coverage,
    given,
    prepare,
  })
}
