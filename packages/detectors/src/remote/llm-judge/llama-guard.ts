import type { Detector, JsonObject } from '@parapet/sdk'
import { COVERAGE_CHECKS, type CoverageOptions } from '../service/coverage-options.ts'
import { checkOptions, oneOf, wholeNumber } from '../service/option-check.ts'
import { type Ask, remoteDetector, resolveCoverage } from '../service/remote-detector.ts'
import { REMOTE_CHECKS, type RemoteOptions } from '../service/remote-options.ts'
import { askModel } from './ask-model.ts'
import { type JudgeModel, resolveJudgeModel } from './judge-model.ts'
import { type LlamaGuardTemplate, llamaGuardMessages } from './llama-guard-messages.ts'
import { LLAMA_GUARD_LABELS, type LlamaGuardLabel, llamaGuardVerdict } from './llama-guard-verdict.ts'
import { loadAi } from './load-ai.ts'

/** Options of `llamaGuard`. */
export interface LlamaGuardOptions extends RemoteOptions, CoverageOptions {
  /** Llama Guard 3 as a model of the AI SDK, its id, or `{ url, model, keyEnv }` of a server that speaks OpenAI's chat. */
  readonly model: JudgeModel
  /** Who writes the template. `client` is for servers that pass messages on as they are. @default 'server' */
  readonly template?: LlamaGuardTemplate
  /** How much of the conversation before is searched for the user's last turn, 0 to 100,000. @default 2000 */
  readonly contextCharacters?: number
}

const ID = 'llama-guard'
const VERSION = '0.1.0'
const MAX_OUTPUT_TOKENS = 64
/** Of the model card: English, French, German, Hindi, Italian, Portuguese, Spanish, Thai. */
const LANGUAGES = ['en', 'fr', 'de', 'hi', 'it', 'pt', 'es', 'th']
const DEFAULTS: RemoteOptions = { timeoutMs: 15_000, concurrency: 4 }

const CHECKS = {
  ...REMOTE_CHECKS,
  ...COVERAGE_CHECKS,
  model: { valid: () => true, expected: '' },
  template: oneOf(['server', 'client']),
  contextCharacters: wholeNumber(0, 100_000),
}

/**
 * Measures a text with Llama Guard 3, a model that answers `safe`, or `unsafe` with the hazards it sees: scores of 0 or 1
 * for `unsafe` and each of S1 to S14. The text goes to whoever serves the model. `docs/detectors/llm-judge.md`.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_DETECTOR_PEER_MISSING`, `PARAPET_REMOTE_KEY_MISSING`;
 *   measuring `PARAPET_REMOTE_…`
 */
export function llamaGuard(options: LlamaGuardOptions): Detector<LlamaGuardLabel> {
  checkOptions(ID, options, CHECKS, ['model'])
  const { template = 'server', contextCharacters = 2_000 } = options
  const { model, facts: modelFacts, sendsTo, checkKey } = resolveJudgeModel(ID, options.model)
  const coverage = resolveCoverage(options, { languages: LANGUAGES, maxCharacters: 16_000 })
  const facts = { model: modelFacts, template, contextCharacters, ...coverage } satisfies JsonObject

  async function prepare(): Promise<Ask> {
    const ai = await loadAi(ID)
    await checkKey()
    const output = ai.Output.text()
    return (subject, calls, signal) =>
      calls.call(async (limited) => {
        const answer = await askModel(ID, ai, {
          model,
          messages: llamaGuardMessages(subject, template),
          output,
          temperature: 0,
          seed: 1,
          maxOutputTokens: MAX_OUTPUT_TOKENS,
          signal: limited,
        })
        return llamaGuardVerdict(ID, answer)
      }, signal)
  }

  return remoteDetector({
    id: ID,
    version: VERSION,
    labels: LLAMA_GUARD_LABELS,
    sendsTo,
    facts,
    coverage,
    contextCharacters,
    given: options,
    defaults: DEFAULTS,
    prepare,
  })
}
