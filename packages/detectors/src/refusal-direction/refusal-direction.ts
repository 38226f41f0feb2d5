import type { DecoderModel } from '@parapet/runtime'
import type { Detector, DetectorDescriptor, Measurement } from '@parapet/sdk'
import { toCalibration } from '../calibration/to-calibration.ts'
import { fault } from '../errors/codes.ts'
import { checkCoverage } from '../weights/check-coverage.ts'
import { coversLanguage } from '../weights/covers-language.ts'
import { detectorDigest } from '../weights/detector-digest.ts'
import { type ModelOptions, resolveModelOptions } from '../weights/model-options.ts'
import { loadOnHost } from '../weights/shared-host.ts'
import { contextOption } from './context-option.ts'
import type { DirectionFile } from './direction-file.ts'
import { directionOption } from './direction-option.ts'
import { openDirectionWeights } from './open-direction-weights.ts'
import { sitesOf } from './read-direction.ts'
import { REFUSAL_DIRECTION_LABELS, type RefusalDirectionLabel, readSubject } from './read-subject.ts'

/** Options of the refusal direction. */
export interface RefusalDirectionOptions extends ModelOptions {
  /**
   * Path of a direction file of `weights`, as `parapet fit` writes it. With it `weights` is any chat model, also
   * `hf:owner/name@revision#dtype`, and needs no calibration: rules take `.above(score)`, and `.atFalsePositiveRate()` is
   * refused when the policy is bound (`PARAPET_POLICY_CALIBRATION_SMALL`). @default the one beside the weights
   */
  readonly direction?: string
  /**
   * How much of the conversation before a request, or before an answer, is read with it: UTF-16 units, its end. 0 reads
   * a request alone, and an answer without the request it answers.
   * @default 2000
   */
  readonly contextCharacters?: number
}

const ID = 'refusal-direction'
const VERSION = '0.2.0'
const SENTINEL_WEIGHTS = '@parapet/model-sentinel'
/** What is longer than this a token is taken as too long without counting its tokens: English has about four. */
const CHARACTERS_PER_TOKEN = 16
/** The limit that the descriptor states before the direction file, which has its own, is loaded. */
const USUAL_MAX_TOKENS = 2048

/**
 * Measures how harmful a request is, out of the activations of a small open chat model that reads it as its user's
 * turn: one truncated pass, no answer is written. An answer (`output`) is read as that model's own, behind the request
 * it answers; one that grows costs its new tokens alone. After Arditi et al. 2024, arXiv 2406.11717. `docs/detectors/refusal-direction.md` says what it misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…` and `PARAPET_DETECTOR_…`
 */
export function refusalDirection(options: RefusalDirectionOptions = {}): Detector<RefusalDirectionLabel> {
  const resolved = resolveModelOptions(ID, options, SENTINEL_WEIGHTS, ['contextCharacters', 'direction'])
  const contextCharacters = contextOption(ID, options.contextCharacters)
  const direction = directionOption(ID, options.direction)
  const { weights, host, maxTokens, languages } = resolved
  const maxCharacters = (maxTokens ?? USUAL_MAX_TOKENS) * CHARACTERS_PER_TOKEN
  const descriptor: DetectorDescriptor<RefusalDirectionLabel> = {
    id: ID,
    version: VERSION,
    labels: REFUSAL_DIRECTION_LABELS,
    options: {
      ...{ weights, languages, contextCharacters },
      ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(direction === undefined ? {} : { direction }),
    },
    coverage: { stages: ['input', 'toolResult', 'output'], languages, maxCharacters },
    tier: 'model',
    contextCharacters,
  }

  async function load() {
    const opened = await openDirectionWeights(weights, direction)
    const { folder, file, written, calibration } = opened
    const { manifest } = folder
    const limit = checkCoverage(ID, resolved, manifest.id, opened.coverage)
    return loadOnHost(host, async (on) => {
      const model = on.decoder(folder)
      await warm(model, file)
      return {
        digest: detectorDigest(descriptor, written),
        ...(calibration && { calibration: toCalibration(calibration, REFUSAL_DIRECTION_LABELS) }),
        async measure(subject, { signal }): Promise<Measurement> {
          if (subject.stage === 'output' && !file.answer) return { kind: 'abstained', reason: 'stage' }
          if (subject.text.length > maxCharacters) return { kind: 'abstained', reason: 'length' }
          const request = { detector: ID, model: manifest.id, maxTokens: limit, signal }
          const scores = await readSubject(model, file, subject, request).catch((cause: unknown) => {
            throw signal.aborted ? fault('PARAPET_DETECTOR_ABORTED', { detector: ID }, { cause }) : cause
          })
          if (!scores) return { kind: 'abstained', reason: 'length' }
          return coversLanguage(languages, subject)
            ? { kind: 'scored', scores }
            : { kind: 'abstained', reason: 'language', scores }
        },
      }
    })
  }

  return { descriptor, load }
}

/** Loads the graph for all that is read, and runs it once. */
async function warm(model: DecoderModel, file: DirectionFile): Promise<void> {
  const readers = [file.tokens, file.answer].filter((reader) => reader !== undefined)
  if (readers.length === 0) return model.warm({ sites: sitesOf(file) })
  const readings = readers.map(({ reading }) => reading)
  await model.readTokens({ messages: [{ role: 'user', content: 'a' }], sites: sitesOf(file), readings })
}
