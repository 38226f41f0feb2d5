import { type EncoderModel, openEncoderWindows } from '@parapet/runtime'
import {
  type Detector,
  type DetectorDescriptor,
  digestOf,
  type JsonObject,
  type LoadedDetector,
  STAGES,
} from '@parapet/sdk'
import { toCalibration } from '../../calibration/to-calibration.ts'
import { aggregationOf } from '../../text-classifier/aggregation-of.ts'
import { ENCODER_WEIGHTS } from '../../text-classifier/classifier-options.ts'
import { CHARACTERS_PER_TOKEN, limitsOf, measureText } from '../../text-classifier/measure-text.ts'
import { createScorer } from '../../text-classifier/scorer.ts'
import { createTextReader } from '../../text-classifier/text-reader.ts'
import { checkCoverage } from '../../weights/check-coverage.ts'
import { type ModelOptions, resolveModelOptions } from '../../weights/model-options.ts'
import { openWeights } from '../../weights/open-weights.ts'
import { createCalls } from '../service/calls.ts'
import { checkEndpoint } from '../service/endpoint.ts'
import { guardedFetch } from '../service/guarded-fetch.ts'
import { checkOptions, listOf, textOption } from '../service/option-check.ts'
import {
  givenRemoteOptions,
  REMOTE_CHECKS,
  type RemoteOptions,
  resolveRemoteOptions,
} from '../service/remote-options.ts'
import { hasKey, KEY_CHECKS, type KeyOptions } from '../service/service-key.ts'
import { kserveServer } from './kserve-server.ts'
import { servedEncoder } from './served-encoder.ts'
import { servedName } from './served-name.ts'

/** Options of `kserveClassifier`. */
export interface KserveClassifierOptions<Label extends string = string>
  extends RemoteOptions,
    KeyOptions,
    Omit<ModelOptions, 'host'> {
  /** The server's address, before `/v2`. */
  readonly url: string
  /** The detector of the weights that is measured, such as `toxicity`: its output, calibration and aggregation. */
  readonly measures: string
  /** The labels to score, a subset of those that the weights have calibrated for it. */
  readonly labels: readonly Label[]
  /** The name under which the graph is served. @default the weights' id and the beginning of their digest */
  readonly model?: string
  /** The version to ask for. @default the server's own choice */
  readonly modelVersion?: string
}

const ID = 'kserve'
const VERSION = '0.1.0'
/** The limit that the descriptor states before the weights, which have their own, are loaded. */
const USUAL_MAX_TOKENS = 4096

const name = {
  valid: (value: unknown) => typeof value === 'string' && /^\w[\w.-]{0,199}$/.test(value),
  expected: 'a name of letters, digits and . _ -',
}
const anything = { valid: () => true, expected: '' }
const CHECKS = {
  ...REMOTE_CHECKS,
  ...KEY_CHECKS,
  url: textOption('an address'),
  measures: name,
  labels: listOf(textOption('the name of a label', 100)),
  model: name,
  modelVersion: name,
  weights: anything,
  maxTokens: anything,
  languages: anything,
}

/**
 * Measures a text with one of our own text encoders that runs on a KServe v2 server (Triton, OpenVINO Model Server,
 * MLServer). Tokens, not texts, are sent. Tokenizer, calibration and thresholds are those of the weights package here;
 * the server must name the graph by its digest and describe it as the manifest does. `docs/detectors/kserve.md`.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…`, `PARAPET_DETECTOR_…`,
 *   `PARAPET_REMOTE_MODEL_MISMATCH`, `PARAPET_REMOTE_…`; measuring `PARAPET_REMOTE_…`
 */
export function kserveClassifier<const Label extends string>(
  options: KserveClassifierOptions<Label>,
): Detector<Label> {
  checkOptions(ID, options, CHECKS, ['url', 'measures', 'labels'])
  const { measures, labels, model, modelVersion } = options
  const { weights, maxTokens, languages } = resolveModelOptions(ID, modelOptionsOf(options), ENCODER_WEIGHTS)
  const url = checkEndpoint(ID, 'url', options.url, hasKey(ID, options))
  const sendsTo = new URL(url).origin
  const maxCharacters = (maxTokens ?? USUAL_MAX_TOKENS) * CHARACTERS_PER_TOKEN
  const facts = {
    url,
    measures,
    labels,
    languages,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(model === undefined ? {} : { model }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
  } satisfies JsonObject
  const descriptor: DetectorDescriptor<Label> = {
    id: ID,
    version: VERSION,
    labels,
    options: {
      ...facts,
      weights,
      ...givenRemoteOptions(options),
      ...(options.keyEnv === undefined ? {} : { keyEnv: options.keyEnv }),
    },
    coverage: { stages: STAGES, languages, maxCharacters },
    tier: 'remote',
    sendsTo,
    contextCharacters: 0,
  }

  async function load(): Promise<LoadedDetector> {
    const { folder, written, calibration } = await openWeights(weights, 'encoder', measures)
    const { manifest } = folder
    const limit = checkCoverage(ID, { maxTokens, languages }, manifest.id, calibration.coverage)
    const spec = { id: ID, output: measures, labels, aggregation: 'maximum' } as const
    const scorer = createScorer({ ...spec, aggregation: aggregationOf(written, spec) }, manifest, calibration)
    const served = { url, name: model ?? servedName(manifest), version: modelVersion }
    const reach = guardedFetch(ID, [sendsTo])
    const server = kserveServer(ID, served, options, { manifest, output: measures }, reach)
    const remote = resolveRemoteOptions(options)
    const calls = createCalls(ID, remote)
    const inputs = await calls.call((signal) => server.check(signal), new AbortController().signal)
    const windows = await openEncoderWindows(folder)
    const encoder = servedEncoder({ manifest, output: measures, windows, server, inputs, calls })
    const reader = createTextReader(encoder satisfies EncoderModel, remote.cachedTexts)
    const limits = limitsOf(maxCharacters, limit, languages, calibration)
    return {
      digest: digestOf({ id: ID, version: VERSION, facts, manifest: written }),
      calibration: toCalibration(calibration, labels),
      measure: (subject, { signal }) => measureText(ID, reader, scorer, limits, subject, signal),
    }
  }

  return { descriptor, load }
}

function modelOptionsOf({ weights, maxTokens, languages }: ModelOptions): ModelOptions {
  return {
    ...(weights === undefined ? {} : { weights }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(languages === undefined ? {} : { languages }),
  }
}
