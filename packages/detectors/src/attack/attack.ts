import type { Detector } from '@parapet/sdk'
import { type ClassifierOptions, ENCODER_WEIGHTS } from '../text-classifier/classifier-options.ts'
import { textClassifier } from '../text-classifier/text-classifier.ts'
import { checkLabels, resolveModelOptions } from '../weights/model-options.ts'

export const ATTACK_LABELS = ['jailbreak', 'injection'] as const

export type AttackLabel = (typeof ATTACK_LABELS)[number]

const ID = 'attack'

/**
 * Measures whether a text attacks the model that reads it, with a local text encoder; a score in [0, 1] for each label.
 * `jailbreak`: a wrapper that is to make a model do what it would refuse. `injection`: an instruction that tries to
 * override those of the app, in a request, a document or a tool's result. Long texts are read in overlapping windows,
 * and the worst window counts, so an instruction is found wherever it stands. `docs/detectors/attack.md` says what it
 * misses.
 * @throws `PARAPET_DETECTOR_OPTION_INVALID`; its loader `PARAPET_MODEL_…` and `PARAPET_DETECTOR_…`
 */
export function attack<const Label extends AttackLabel = AttackLabel>(
  options: ClassifierOptions<Label> = {},
): Detector<Label> {
  const resolved = resolveModelOptions(ID, options, ENCODER_WEIGHTS, ['labels'])
  const labels = checkLabels<AttackLabel>(ID, options.labels ?? ATTACK_LABELS, ATTACK_LABELS)
  return textClassifier(
    { id: ID, version: '0.1.0', output: ID, labels: labels as readonly Label[], aggregation: 'maximum' },
    resolved,
  )
}
