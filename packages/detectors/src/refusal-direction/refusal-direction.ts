import type { DecoderModel } from '@parapet/runtime'
import type { Detector, DetectorDescriptor, Measurement, Subject } from '@parapet/sdk'
import type { DetectorCalibration } from '../calibration/calibration-file.ts'
import { toCalibration } from '../calibration/to-calibration.ts'
import { fault } from '../errors/codes.ts'
import { checkCoverage, type WeightsCoverage } from '../weights/check-coverage.ts'
import { coversLanguage } from '../weights/covers-language.ts'
import { detectorDigest } from '../weights/detector-digest.ts'
import { type ModelOptions, resolveModelOptions } from '../weights/model-options.ts'
import { openWeights } from '../weights/open-weights.ts'
import { loadOnHost } from '../weights/shared-host.ts'
import type { DirectionFile } from './direction-file.ts'
import { openDirection } from './open-direction.ts'
import { type DirectionScores, readDirection, sitesOf } from './read-direction.ts'

/** `harmful` is the combined, calibrated score; the others are its two readings. */
export const REFUSAL_DIRECTION_LABELS = ['harmful', 'harmfulness', 'refusal'] as const

export type RefusalDirectionLabel = (typeof REFUSAL_DIRECTION_LABELS)[number]

/** Options of the refusal direction. */
export type RefusalDirectionOptions = ModelOptions

const ID = 'refusal-direction'
const VERSION = '0.1.0'
const SENTINEL_WEIGHTS = '@parapet/model-sentinel'
/** What is longer than this a token is taken as too long without counting its tokens: English has about four. */
const CHARACTERS_PER_TOKEN = 16
/** The limit that the descriptor states before the direction file, which has its own, is loaded. */
const USUAL_MAX_TOKENS = 2048

/**
 * Measures how harmful a request is, out of the activations of a small open chat model that reads it as its user's
 * turn: one truncated pass, no answer is written. It reads what comes in (`input`, `toolResult`), not what a model
 * says. After Arditi et al. 2024, arXiv 2406.11717. `docs/detectors/refusal-direction.md` says what it misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…` and `PARAPET_DETECTOR_…`
 */
export function refusalDirection(options: RefusalDirectionOptions = {}): Detector<RefusalDirectionLabel> {
  const resolved = resolveModelOptions(ID, options, SENTINEL_WEIGHTS)
  const { weights, host, maxTokens, languages } = resolved
  const maxCharacters = (maxTokens ?? USUAL_MAX_TOKENS) * CHARACTERS_PER_TOKEN
  const descriptor: DetectorDescriptor<RefusalDirectionLabel> = {
    id: ID,
    version: VERSION,
    labels: REFUSAL_DIRECTION_LABELS,
    options: { weights, languages, ...(maxTokens === undefined ? {} : { maxTokens }) },
    coverage: { stages: ['input', 'toolResult'], languages, maxCharacters },
    tier: 'model',
    contextCharacters: 0,
  }

  async function load() {
    const { folder, written, calibration } = await openWeights(weights, 'decoder', ID)
    const { manifest } = folder
    const file = await openDirection(folder)
    checkMaps(calibration, manifest.id)
    const limit = checkCoverage(ID, resolved, manifest.id, both(file.metadata.coverage, calibration.coverage))
    const sites = sitesOf(file)
    return loadOnHost(host, async (on) => {
      const model = on.decoder(folder)
      await model.warm({ sites })
      return {
        digest: detectorDigest(descriptor, written),
        calibration: toCalibration(calibration, REFUSAL_DIRECTION_LABELS),
        async measure(subject, { signal }): Promise<Measurement> {
          if (subject.text.length > maxCharacters) return { kind: 'abstained', reason: 'length' }
          const scores = await readSubject(model, file, subject, limit, signal)
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

/** The scores come calibrated out of the direction file; another map on top would need other thresholds. */
function checkMaps({ labels }: DetectorCalibration, model: string): void {
  for (const [label, { map }] of Object.entries(labels)) {
    if (map.kind === 'none') continue
    const path = `detectors.${ID}.labels.${label}.map.kind`
    const problem = `it is "${map.kind}", expected "none"`
    throw fault('PARAPET_DETECTOR_CALIBRATION_INVALID', { model, path, problem })
  }
}

/** What both the direction and its thresholds were made for. */
function both(direction: WeightsCoverage, calibration: WeightsCoverage): WeightsCoverage {
  return {
    languages: direction.languages.filter((language) => calibration.languages.includes(language)),
    maxTokens: Math.min(direction.maxTokens, calibration.maxTokens),
  }
}

/** The scores of a subject, or undefined when it has more than `maxTokens` tokens, the template's included. */
async function readSubject(
  model: DecoderModel,
  file: DirectionFile,
  { text }: Subject,
  maxTokens: number,
  signal: AbortSignal,
): Promise<Record<RefusalDirectionLabel, number> | undefined> {
  const sites = sitesOf(file)
  const messages = [{ role: 'user' as const, content: text }]
  const reading = await model.read({ messages, sites, maxTokens, signal }).catch((cause: unknown) => {
    throw signal.aborted ? fault('PARAPET_DETECTOR_ABORTED', { detector: ID }, { cause }) : cause
  })
  if (reading.kind === 'too-long') return undefined
  return checked(readDirection(file, sites, reading.rows), model.manifest.id)
}

function checked(scores: DirectionScores, model: string): Record<RefusalDirectionLabel, number> {
  for (const label of REFUSAL_DIRECTION_LABELS) {
    const received = String(scores[label])
    if (!Number.isFinite(scores[label])) {
      throw fault('PARAPET_DETECTOR_SCORE_INVALID', { detector: ID, label, model, received })
    }
  }
  return { ...scores }
}
