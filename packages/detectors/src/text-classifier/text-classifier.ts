import { type Detector, type DetectorDescriptor, STAGES, type Stage } from '@parapet/sdk'
import { toCalibration } from '../calibration/to-calibration.ts'
import { checkCoverage } from '../weights/check-coverage.ts'
import { detectorDigest } from '../weights/detector-digest.ts'
import type { ResolvedModelOptions } from '../weights/model-options.ts'
import { openWeights } from '../weights/open-weights.ts'
import { loadOnHost } from '../weights/shared-host.ts'
import { aggregationOf } from './aggregation-of.ts'
import { CHARACTERS_PER_TOKEN, limitsOf, measureText } from './measure-text.ts'
import { createScorer, type ScorerSpec } from './scorer.ts'
import { textReaderOf } from './text-reader.ts'

/** The limit that a descriptor states before the weights, which have their own, are loaded. */
const USUAL_MAX_TOKENS = 4096

/** What tells one classifier over a text encoder from another. */
export interface TextClassifierSpec<Label extends string> extends ScorerSpec {
  readonly labels: readonly Label[]
  /** Of the code: raised when the same weights would give other scores. */
  readonly version: string
  /** What it can judge. @default every stage */
  readonly stages?: readonly Stage[]
}

/** A detector over one output of a text encoder. Loading it loads the model. */
export function textClassifier<Label extends string>(
  spec: TextClassifierSpec<Label>,
  options: ResolvedModelOptions,
): Detector<Label> {
  const { weights, host, maxTokens, languages } = options
  const maxCharacters = (maxTokens ?? USUAL_MAX_TOKENS) * CHARACTERS_PER_TOKEN
  const descriptor: DetectorDescriptor<Label> = {
    id: spec.id,
    version: spec.version,
    labels: spec.labels,
    options: { weights, languages, labels: spec.labels, ...(maxTokens === undefined ? {} : { maxTokens }) },
    coverage: { stages: spec.stages ?? STAGES, languages, maxCharacters },
    tier: 'model',
    contextCharacters: 0,
  }

  async function load() {
    const { folder, written, calibration } = await openWeights(weights, 'encoder', spec.id)
    const { manifest } = folder
    const limit = checkCoverage(spec.id, options, manifest.id, calibration.coverage)
    const limits = limitsOf(maxCharacters, limit, languages, calibration)
    const scorer = createScorer({ ...spec, aggregation: aggregationOf(written, spec) }, manifest, calibration)
    return loadOnHost(host, async (on) => {
      const reader = textReaderOf(on, folder)
      await reader.warm()
      return {
        digest: detectorDigest(descriptor, written),
        calibration: toCalibration(calibration, spec.labels),
        measure: (subject, { signal }) => measureText(spec.id, reader, scorer, limits, subject, signal),
      }
    })
  }

  return { descriptor, load }
}
