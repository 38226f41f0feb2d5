import type { Detector } from '@parapet/sdk'
import { type ClassifierOptions, ENCODER_WEIGHTS } from '../text-classifier/classifier-options.ts'
import { textClassifier } from '../text-classifier/text-classifier.ts'
import { checkLabels, resolveModelOptions } from '../weights/model-options.ts'

/** Every label that weights of this detector may have. */
export const HARM_LABELS = [
  'harmful',
  'cybercrime',
  'drugs',
  'fraud',
  'hate',
  'misinformation',
  'privacy',
  'sexual',
  'violence',
] as const

export type HarmLabel = (typeof HARM_LABELS)[number]

/** The labels that the shipped weights offer: those with evidence enough to be calibrated. */
export const DEFAULT_HARM_LABELS = [
  'harmful',
  'fraud',
  'hate',
  'privacy',
] as const satisfies readonly HarmLabel[]

const ID = 'harm'

/**
 * Measures whether a text asks for something harmful, with a local text encoder; a score in [0, 1] for each label.
 * `harmful` is the one to decide by; the others say of which kind the harm is, and mean little where `harmful` is low.
 * Long texts are read in overlapping windows, and the worst window counts. `docs/detectors/harm.md` says what it misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…` and `PARAPET_DETECTOR_…`
 */
export function harm<const Label extends HarmLabel = (typeof DEFAULT_HARM_LABELS)[number]>(
  options: ClassifierOptions<Label> = {},
): Detector<Label> {
  const resolved = resolveModelOptions(ID, options, ENCODER_WEIGHTS, ['labels'])
  const labels = checkLabels<HarmLabel>(ID, options.labels ?? DEFAULT_HARM_LABELS, HARM_LABELS)
  return textClassifier(
    { id: ID, version: '0.1.0', output: ID, labels: labels as readonly Label[], aggregation: 'maximum' },
    resolved,
  )
}
