import type { Detector } from '@parapet/sdk'
import { type ClassifierOptions, ENCODER_WEIGHTS } from '../text-classifier/classifier-options.ts'
import { textClassifier } from '../text-classifier/text-classifier.ts'
import { checkLabels, resolveModelOptions } from '../weights/model-options.ts'

export const SENTIMENT_LABELS = ['negative', 'neutral', 'positive'] as const

export type SentimentLabel = (typeof SENTIMENT_LABELS)[number]

const ID = 'sentiment'

/**
 * Measures the mood of a text, with a local text encoder: scores in [0, 1] that sum to 1 over the three labels.
 * Long texts are read in overlapping windows, and their mean counts. `docs/detectors/sentiment.md` says what it misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…` and `PARAPET_DETECTOR_…`
 */
export function sentiment<const Label extends SentimentLabel = SentimentLabel>(
  options: ClassifierOptions<Label> = {},
): Detector<Label> {
  const resolved = resolveModelOptions(ID, options, ENCODER_WEIGHTS, ['labels'])
  const labels = checkLabels(ID, options.labels ?? SENTIMENT_LABELS, SENTIMENT_LABELS)
  return textClassifier(
    {
      id: ID,
      version: '0.1.0',
      output: ID,
      labels: labels as readonly Label[],
      aggregation: 'mean-of-logits',
    },
    resolved,
  )
}
