import { randomBytes } from 'node:crypto'
import type { Detector, JsonObject, Subject } from '@parapet/sdk'
import { z } from 'zod'
import { fault } from '../../errors/codes.ts'
import { checkedScore } from '../service/checked-score.ts'
import { COVERAGE_CHECKS, type CoverageOptions } from '../service/coverage-options.ts'
import { inLanes } from '../service/in-lanes.ts'
import { checkOptions, oneOf, wholeNumber } from '../service/option-check.ts'
import { type Ask, remoteDetector, resolveCoverage } from '../service/remote-detector.ts'
import { REMOTE_CHECKS, type RemoteOptions } from '../service/remote-options.ts'
import { askModel } from './ask-model.ts'
import { combineVotes, DISAGREEMENT, type VoteCombination } from './combine-votes.ts'
import { type JudgeModel, resolveJudgeModel } from './judge-model.ts'
import { judgePrompt } from './judge-prompt.ts'
import { loadAi } from './load-ai.ts'

/** Options of `llmJudge`. */
export interface LlmJudgeOptions<Label extends string = string, Votes extends number = number>
  extends RemoteOptions,
    CoverageOptions {
  /** A model of the AI SDK, its id, or `{ url, model, keyEnv }` of a server that speaks OpenAI's chat. */
  readonly model: JudgeModel
  /** Label → what it stands for, in your policy's own words, up to 10,000 characters each. */
  readonly rubric: Readonly<Record<Label, string>>
  /** How many times the model is asked, 1 to 9, each with another seed. @default 1 */
  readonly votes?: Votes
  /** @default 'mean' */
  readonly combine?: VoteCombination
  /** 0 to 2. @default 0 for one vote, 0.7 for more */
  readonly temperature?: number
  /** Seed of the first vote, 0 to 1,000,000; the next has one more. @default 1 */
  readonly seed?: number
  /** Tokens of a verdict at most, 16 to 32,000: raise it for models that think before they answer. @default 500 */
  readonly maxOutputTokens?: number
  /** How much of the conversation before is shown, in UTF-16 units, 0 to 100,000. @default 0 */
  readonly contextCharacters?: number
}

/** The labels of a judge: those of its rubric, and `disagreement` where it votes. */
export type JudgeLabel<Label extends string, Votes extends number> = Votes extends 1
  ? Label
  : Label | typeof DISAGREEMENT

const ID = 'llm-judge'
const VERSION = '0.1.0'
const DEFAULT_MAX_CHARACTERS = 16_000
/** A model takes seconds, and is paid for by the call. */
const DEFAULTS: RemoteOptions = { timeoutMs: 15_000, concurrency: 4 }

const LABEL = /^[a-z][a-z0-9-]{0,62}$/
const CHECKS = {
  ...REMOTE_CHECKS,
  ...COVERAGE_CHECKS,
  model: { valid: () => true, expected: '' },
  rubric: {
    valid: isRubric,
    expected: `an object, not empty, of labels and texts; no label is "${DISAGREEMENT}"`,
  },
  votes: wholeNumber(1, 9),
  combine: oneOf(['mean', 'share']),
  temperature: {
    valid: (value: unknown) => typeof value === 'number' && value >= 0 && value <= 2,
    expected: 'a number in [0, 2]',
  },
  seed: wholeNumber(0, 1_000_000),
  maxOutputTokens: wholeNumber(16, 32_000),
  contextCharacters: wholeNumber(0, 100_000),
}

function isRubric(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const entries = Object.entries(value)
  return (
    entries.length > 0 &&
    entries.every(
      ([label, meaning]) =>
        LABEL.test(label) &&
        label !== DISAGREEMENT &&
        typeof meaning === 'string' &&
        meaning.trim() !== '' &&
        meaning.length <= 10_000,
    )
  )
}

/**
 * Measures a text by asking a language model how far your own rules apply to it. The text is put before the model as
 * encoded data, and a verdict counts only in the form, and with the code, that was asked for; `docs/detectors/llm-judge.md`
 * says what that holds off and what it does not. The text goes to the model's provider.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_DETECTOR_PEER_MISSING`, `PARAPET_REMOTE_KEY_MISSING`;
 *   measuring `PARAPET_REMOTE_…`
 */
export function llmJudge<const Label extends string, const Votes extends number = 1>(
  options: LlmJudgeOptions<Label, Votes>,
): Detector<JudgeLabel<Label, Votes>> {
  checkOptions(ID, options, CHECKS, ['model', 'rubric'])
  // A copy: what is changed afterwards must not change what the digest was made of.
  const rubric: Readonly<Record<string, string>> = { ...options.rubric }
  const { votes = 1, combine = 'mean', seed = 1, maxOutputTokens = 500, contextCharacters = 0 } = options
  const { temperature = votes === 1 ? 0 : 0.7 } = options
  const judged = Object.keys(rubric)
  const labels = votes === 1 ? judged : [...judged, DISAGREEMENT]
  const { model, facts: modelFacts, sendsTo, checkKey } = resolveJudgeModel(ID, options.model)
  const coverage = resolveCoverage(options, { languages: 'any', maxCharacters: DEFAULT_MAX_CHARACTERS })
  const facts = {
    model: modelFacts,
    rubric,
    votes,
    combine,
    temperature,
    seed,
    maxOutputTokens,
    contextCharacters,
    ...coverage,
  } satisfies JsonObject
  const schema = z.strictObject({
    check: z.string(),
    scores: z.strictObject(Object.fromEntries(judged.map((label) => [label, z.number()]))),
  })

  async function prepare(): Promise<Ask> {
    const ai = await loadAi(ID)
    await checkKey()
    const output = ai.Output.object({ schema, name: 'verdict' })

    async function vote(
      subject: Subject,
      index: number,
      signal: AbortSignal,
    ): Promise<Record<string, number>> {
      const secrets = { nonce: randomBytes(12).toString('hex'), check: randomBytes(4).toString('hex') }
      const { instructions, prompt } = judgePrompt(rubric, subject, secrets)
      const verdict = await askModel(ID, ai, {
        model,
        instructions,
        messages: [{ role: 'user', content: prompt }],
        output,
        temperature,
        seed: seed + index,
        maxOutputTokens,
        signal,
      })
      if (verdict.check !== secrets.check) {
        const problem = 'it lacks the code that it was given'
        throw fault('PARAPET_REMOTE_VERDICT_MALFORMED', { detector: ID, problem })
      }
      const scores: Readonly<Record<string, unknown>> = verdict.scores
      return Object.fromEntries(judged.map((label) => [label, checkedScore(ID, label, scores[label])]))
    }

    return async (subject, calls, signal) => {
      const given = await inLanes(
        Array.from({ length: votes }, (_, index) => index),
        votes,
        (index, either) => calls.call((limited) => vote(subject, index, limited), either),
        signal,
      )
      return combineVotes(judged, given, combine)
    }
  }

  return remoteDetector({
    id: ID,
    version: VERSION,
    labels: labels as readonly string[] as readonly JudgeLabel<Label, Votes>[],
    sendsTo,
    facts,
    coverage,
    contextCharacters,
    given: options,
    defaults: DEFAULTS,
    prepare,
  })
}
