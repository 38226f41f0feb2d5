import { type Detector, type DetectorDescriptor, digestOf, type JsonObject } from '@parapet/sdk'
import { toCalibration } from '../../calibration/to-calibration.ts'
import { both, checkMaps, DIRECTION_CALIBRATION } from '../../refusal-direction/calibrated-for.ts'
import { contextOption } from '../../refusal-direction/context-option.ts'
import type { DirectionFile } from '../../refusal-direction/direction-file.ts'
import { readDirectionOf } from '../../refusal-direction/open-direction.ts'
import { sitesOf } from '../../refusal-direction/read-direction.ts'
import {
  REFUSAL_DIRECTION_LABELS,
  type RefusalDirectionLabel,
  readSubject,
} from '../../refusal-direction/read-subject.ts'
import type { RefusalDirectionOptions } from '../../refusal-direction/refusal-direction.ts'
import { checkCoverage } from '../../weights/check-coverage.ts'
import { coversLanguage } from '../../weights/covers-language.ts'
import { type ModelOptions, resolveModelOptions } from '../../weights/model-options.ts'
import { openWeights } from '../../weights/open-weights.ts'
import { contentKey, createAnswerMemory } from '../service/answer-memory.ts'
import { createCalls } from '../service/calls.ts'
import { checkEndpoint } from '../service/endpoint.ts'
import { guardedFetch } from '../service/guarded-fetch.ts'
import { checkOptions, textOption } from '../service/option-check.ts'
import {
  givenRemoteOptions,
  REMOTE_CHECKS,
  type RemoteOptions,
  resolveRemoteOptions,
} from '../service/remote-options.ts'
import { hasKey, KEY_CHECKS, type KeyOptions } from '../service/service-key.ts'
import { servedDecoder } from './served-decoder.ts'

/** Options of `servedRefusalDirection`. */
export interface ServedRefusalDirectionOptions
  extends RemoteOptions,
    KeyOptions,
    Pick<ModelOptions, 'maxTokens' | 'languages'>,
    Pick<RefusalDirectionOptions, 'contextCharacters'> {
  /** The server's address, before `/v1/activations`. */
  readonly url: string
  /**
   * The package or folder of the served model: its manifest, `direction.safetensors` and `calibration.json`. The weights
   * themselves need not be there.
   */
  readonly weights: string
}

const ID = 'served-refusal-direction'
const VERSION = '0.1.0'
/** What is longer than this a token is taken as too long without being sent. */
const CHARACTERS_PER_TOKEN = 16
/** The limit that the descriptor states before the direction file, which has its own, is loaded. */
const USUAL_MAX_TOKENS = 2048

const anything = { valid: () => true, expected: '' }
const CHECKS = {
  ...REMOTE_CHECKS,
  ...KEY_CHECKS,
  url: textOption('an address'),
  weights: anything,
  maxTokens: anything,
  languages: anything,
  contextCharacters: anything,
}

/**
 * The refusal direction of an open model that somebody serves already: its activations are read over HTTP, by the contract
 * of `docs/detectors/served-activations.md`. Direction, calibration and thresholds are those of the model's package here; the
 * server must state that it serves that very model, and does so again with every answer.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…`, `PARAPET_DETECTOR_…`,
 *   `PARAPET_REMOTE_MODEL_MISMATCH`, `PARAPET_REMOTE_…`; measuring `PARAPET_REMOTE_…`
 */
export function servedRefusalDirection(
  options: ServedRefusalDirectionOptions,
): Detector<RefusalDirectionLabel> {
  checkOptions(ID, options, CHECKS, ['url', 'weights'])
  const { weights, maxTokens, languages } = resolveModelOptions(ID, modelOptionsOf(options), '')
  const contextCharacters = contextOption(ID, options.contextCharacters)
  const url = checkEndpoint(ID, 'url', options.url, hasKey(ID, options))
  const sendsTo = new URL(url).origin
  const maxCharacters = (maxTokens ?? USUAL_MAX_TOKENS) * CHARACTERS_PER_TOKEN
  const facts = {
    url,
    languages,
    contextCharacters,
    ...(maxTokens === undefined ? {} : { maxTokens }),
  } satisfies JsonObject
  const descriptor: DetectorDescriptor<RefusalDirectionLabel> = {
    id: ID,
    version: VERSION,
    labels: REFUSAL_DIRECTION_LABELS,
    options: {
      ...facts,
      weights,
      ...givenRemoteOptions(options),
      ...(options.keyEnv === undefined ? {} : { keyEnv: options.keyEnv }),
    },
    coverage: { stages: ['input', 'toolResult', 'output'], languages, maxCharacters },
    tier: 'remote',
    sendsTo,
    contextCharacters,
  }

  const load: Detector<RefusalDirectionLabel>['load'] = async () => {
    const { folder, written, calibration } = await openWeights(weights, 'decoder', DIRECTION_CALIBRATION)
    const { manifest } = folder
    const file = await readDirectionOf(folder)
    checkMaps(calibration, manifest.id)
    const covered = both(file.metadata.coverage, calibration.coverage)
    const limit = checkCoverage(ID, { maxTokens, languages }, manifest.id, covered)
    const remote = resolveRemoteOptions(options)
    const served = servedDecoder({
      detector: ID,
      url,
      key: options,
      model: file.metadata.model,
      maxTokens: limit,
      reach: guardedFetch(ID, [sendsTo], mostBytes(file, limit)),
      calls: createCalls(ID, remote),
    })
    await served.check(new AbortController().signal)
    const memory = createAnswerMemory<Record<RefusalDirectionLabel, number> | 'too-long'>(
      ID,
      remote.cachedTexts,
    )
    return {
      digest: digestOf({ id: ID, version: VERSION, facts, manifest: written }),
      calibration: toCalibration(calibration, REFUSAL_DIRECTION_LABELS),
      async measure(subject, { signal }) {
        if (subject.stage === 'output' && !file.answer) return { kind: 'abstained', reason: 'stage' }
        if (subject.text.length > maxCharacters) return { kind: 'abstained', reason: 'length' }
        const request = { detector: ID, model: manifest.id, maxTokens: limit }
        const read = async (shared: AbortSignal) =>
          (await readSubject(served, file, subject, { ...request, signal: shared })) ?? 'too-long'
        const scores = await memory.recall(contentKey(subject), read, signal)
        if (scores === 'too-long') return { kind: 'abstained', reason: 'length' }
        return coversLanguage(languages, subject)
          ? { kind: 'scored', scores }
          : { kind: 'abstained', reason: 'language', scores }
      },
    }
  }

  return { descriptor, load }
}

/** An answer's numbers in base64, and room for what stands around them. */
function mostBytes(file: DirectionFile, maxTokens: number): number {
  const numbers = sitesOf(file).length * file.metadata.model.hidden + maxTokens
  return Math.ceil((numbers * 4 * 4) / 3) + 64 * 1024
}

function modelOptionsOf({ weights, maxTokens, languages }: ServedRefusalDirectionOptions): ModelOptions {
  return {
    weights,
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(languages === undefined ? {} : { languages }),
  }
}
