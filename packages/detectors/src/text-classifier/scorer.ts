import type { EncoderManifest, EncoderRead } from '@parapet/runtime'
import type { DetectorCalibration } from '../calibration/calibration-file.ts'
import { type ScoreMap, scoreOf } from '../calibration/score-map.ts'
import { fault } from '../errors/codes.ts'
import { type Aggregation, aggregateWindows } from './aggregate-windows.ts'

/** Turns the numbers of one text into a score in [0, 1] for each label. */
export type Scorer = (read: EncoderRead) => Record<string, number>

/** Which numbers of which weights a classifier reads. */
export interface ScorerSpec {
  /** The detector's id, for errors. */
  readonly id: string
  /** The encoder's output that holds the logits. */
  readonly output: string
  readonly labels: readonly string[]
  readonly aggregation: Aggregation
}

/**
 * Makes the scorer of a classifier; every label must be in the weights and calibrated.
 * @throws `PARAPET_DETECTOR_OUTPUT_MISSING`, `PARAPET_DETECTOR_LABEL_MISSING`; the scorer itself
 *   `PARAPET_DETECTOR_SCORE_INVALID` when the model gives something else than a number
 */
export function createScorer(
  spec: ScorerSpec,
  manifest: EncoderManifest,
  calibration: DetectorCalibration,
): Scorer {
  const { id: detector, output, aggregation } = spec
  const model = manifest.id
  const inOutput = Object.hasOwn(manifest.outputs, output) ? manifest.outputs[output]?.labels : undefined
  if (!inOutput) {
    const outputs = Object.keys(manifest.outputs)
    throw fault('PARAPET_DETECTOR_OUTPUT_MISSING', { detector, model, output, outputs })
  }
  const offered = inOutput.filter((label) => Object.hasOwn(calibration.labels, label))
  const places = spec.labels.map((label) => {
    const map: ScoreMap | undefined = offered.includes(label) ? calibration.labels[label]?.map : undefined
    if (!map) throw fault('PARAPET_DETECTOR_LABEL_MISSING', { detector, label, model, labels: offered })
    return { label, map, index: inOutput.indexOf(label) }
  })
  return (read) => {
    const logits = aggregateWindows(read.outputs[output] ?? [], aggregation)
    const scores: Record<string, number> = {}
    for (const { label, map, index } of places) {
      const score = scoreOf(map, logits, index)
      if (!(score >= 0 && score <= 1)) {
        throw fault('PARAPET_DETECTOR_SCORE_INVALID', { detector, label, model, received: String(score) })
      }
      scores[label] = score
    }
    return scores
  }
}
