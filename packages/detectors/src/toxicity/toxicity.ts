import type { Detector } from '@parapet/sdk'
import { type ClassifierOptions, ENCODER_WEIGHTS } from '../text-classifier/classifier-options.ts'
import { textClassifier } from '../text-classifier/text-classifier.ts'
import { checkLabels, resolveModelOptions } from '../weights/model-options.ts'

/** Every label that weights of this detector may have. */
export const TOXICITY_LABELS = ['toxic', 'severe', 'obscene', 'threat', 'insult', 'identity'] as const

export type ToxicityLabel = (typeof TOXICITY_LABELS)[number]

/** The labels that the shipped weights offer: those with evidence enough to be calibrated. */
export const DEFAULT_TOXICITY_LABELS = [
  'toxic',
  'obscene',
  'insult',
  'identity',
] as const satisfies readonly ToxicityLabel[]

const ID = 'toxicity'

/**
 * Measures how rude, disrespectful or hateful a text is, with a local text encoder; a score in [0, 1] for each label.
 * Long texts are read in overlapping windows, and the worst window counts. `docs/detectors/toxicity.md` says what it
 * misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…` and `PARAPET_DETECTOR_…`
 */
export function toxicity<const Label extends ToxicityLabel = (typeof DEFAULT_TOXICITY_LABELS)[number]>(
  options: ClassifierOptions<Label> = {},
): Detector<Label> {
  const resolved = resolveModelOptions(ID, options, ENCODER_WEIGHTS, ['labels'])
  const labels = checkLabels<ToxicityLabel>(ID, options.labels ?? DEFAULT_TOXICITY_LABELS, TOXICITY_LABELS)
  return textClassifier(
    { id: ID, version: '0.1.0', output: ID, labels: labels as readonly Label[], aggregation: 'maximum' },
    resolved,
  )
}
