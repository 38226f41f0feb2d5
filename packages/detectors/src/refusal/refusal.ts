import type { Detector } from '@parapet/sdk'
import { type ClassifierOptions, ENCODER_WEIGHTS } from '../text-classifier/classifier-options.ts'
import { textClassifier } from '../text-classifier/text-classifier.ts'
import { checkLabels, resolveModelOptions } from '../weights/model-options.ts'

export const REFUSAL_LABELS = ['refused', 'complied'] as const

export type RefusalLabel = (typeof REFUSAL_LABELS)[number]

const ID = 'refusal'

/**
 * Judges an answer: did the model refuse, or comply? Scores in [0, 1] that sum to 1 over the two labels, from the answer
 * alone, with a local text encoder. Long answers are read in overlapping windows, and their mean counts.
 * `docs/detectors/refusal.md` says what it misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…` and `PARAPET_DETECTOR_…`
 */
export function refusal<const Label extends RefusalLabel = RefusalLabel>(
  options: ClassifierOptions<Label> = {},
): Detector<Label> {
  const resolved = resolveModelOptions(ID, options, ENCODER_WEIGHTS, ['labels'])
  const labels = checkLabels(ID, options.labels ?? REFUSAL_LABELS, REFUSAL_LABELS)
  return textClassifier(
    {
      id: ID,
      version: '0.1.0',
      output: ID,
      labels: labels as readonly Label[],
      aggregation: 'mean-of-logits',
      stages: ['output'],
    },
    resolved,
  )
}
