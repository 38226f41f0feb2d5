import type { EncoderRead } from '@parapet/runtime'
import {
  type Detector,
  type DetectorDescriptor,
  type Measurement,
  STAGES,
  type Stage,
  type Subject,
} from '@parapet/sdk'
import { toCalibration } from '../calibration/to-calibration.ts'
import { fault } from '../errors/codes.ts'
import { checkCoverage } from '../weights/check-coverage.ts'
import { coversLanguage } from '../weights/covers-language.ts'
import { detectorDigest } from '../weights/detector-digest.ts'
import type { ResolvedModelOptions } from '../weights/model-options.ts'
import { openWeights } from '../weights/open-weights.ts'
import { loadOnHost } from '../weights/shared-host.ts'
import { aggregationOf } from './aggregation-of.ts'
import { createScorer, type Scorer, type ScorerSpec } from './scorer.ts'
import { type TextReader, textReaderOf } from './text-reader.ts'

/** What is longer than this a token is taken as too long without counting its tokens: English has about four. */
const CHARACTERS_PER_TOKEN = 16
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
    const limits = {
      maxCharacters: Math.min(maxCharacters, limit * CHARACTERS_PER_TOKEN),
      maxTokens: limit,
      minCharacters: calibration.coverage.minCharacters,
      languages,
    }
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

interface Limits {
  readonly maxCharacters: number
  readonly minCharacters: number
  readonly maxTokens: number
  readonly languages: readonly string[]
}

async function measureText(
  detector: string,
  reader: TextReader,
  scorer: Scorer,
  limits: Limits,
  subject: Subject,
  signal: AbortSignal,
): Promise<Measurement> {
  const { text } = subject
  if (text.length > limits.maxCharacters) return { kind: 'abstained', reason: 'length' }
  const reading = await reader.read(text, { maxTokens: limits.maxTokens, signal }).catch((cause: unknown) => {
    throw signal.aborted ? fault('PARAPET_DETECTOR_ABORTED', { detector }, { cause }) : cause
  })
  if (reading.kind === 'too-long') return { kind: 'abstained', reason: 'length' }
  const scores = scorer(reading)
  if (text.length < limits.minCharacters) return { kind: 'abstained', reason: 'length', scores }
  const covered = coversLanguage(limits.languages, subject) && isReadable(reading)
  return covered ? { kind: 'scored', scores } : { kind: 'abstained', reason: 'language', scores }
}

/** Text that is mostly outside the vocabulary is in a script that the encoder never learned, whatever its score. */
function isReadable({ tokens, unknownTokens }: EncoderRead): boolean {
  return unknownTokens * 2 <= tokens
}
