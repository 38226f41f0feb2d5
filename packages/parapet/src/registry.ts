import {
  attack,
  harm,
  personalData,
  refusal,
  refusalDirection,
  secrets,
  sentiment,
  toxicity,
} from '@parapet/detectors'
import {
  huggingFaceClassifier,
  kserveClassifier,
  llamaGuard,
  llmJudge,
  openAIModeration,
  servedRefusalDirection,
} from '@parapet/detectors/remote'
import type { Detector, DetectorRegistry, JsonObject } from '@parapet/sdk'
import { patternsFromJson } from './patterns-from-json.ts'

const make =
  <Options>(maker: (options?: Options) => Detector) =>
  (options: JsonObject): Detector =>
    maker(options as Options)

/** For makers that need options: they say themselves what is missing. */
const makeOf =
  <Options>(maker: (options: Options) => Detector) =>
  (options: JsonObject): Detector =>
    maker(options as Options)

const DETECTORS: DetectorRegistry = {
  'refusal-direction': make(refusalDirection),
  toxicity: make(toxicity),
  sentiment: make(sentiment),
  attack: make(attack),
  harm: make(harm),
  refusal: make(refusal),
  secrets: make(secrets),
  'personal-data': make(personalData),
  'hugging-face': makeOf(huggingFaceClassifier),
  kserve: makeOf(kserveClassifier),
  'served-refusal-direction': makeOf(servedRefusalDirection),
  moderation: make(openAIModeration),
  'llm-judge': makeOf(llmJudge),
  'llama-guard': makeOf(llamaGuard),
  patterns: (options) => patternsFromJson('patterns', '1', options),
}

/** A policy's own detectors of patterns: their ids are the policy's choice. */
function ownPatterns(document: unknown): DetectorRegistry {
  const { detectors } = (document ?? {}) as { readonly detectors?: unknown }
  if (typeof detectors !== 'object' || detectors === null) return {}
  const own = Object.values(detectors).flatMap((reference: unknown) => {
    const { id, version, options } = (reference ?? {}) as Readonly<Record<string, unknown>>
    if (typeof id !== 'string' || typeof version !== 'string') return []
    if (Object.hasOwn(DETECTORS, id) && id !== 'patterns') return []
    if (typeof options !== 'object' || options === null || !('patterns' in options)) return []
    return [[id, (given: JsonObject) => patternsFromJson(id, version, given)] as const]
  })
  return Object.fromEntries(own)
}

/**
 * Makes every detector of Parapet by its id, for policies in JSON and for the command.
 * @param document the policy as JSON, where it has patterns of its own: those are made by the ids that it gives them
 */
export function detectorRegistry(document?: unknown): DetectorRegistry {
  return { ...DETECTORS, ...ownPatterns(document) }
}
