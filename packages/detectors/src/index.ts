export { ATTACK_LABELS, type AttackLabel, attack } from './attack/attack.ts'
export { DETECTOR_ERRORS, type DetectorErrorCode } from './errors/codes.ts'
export { HARM_LABELS, type HarmLabel, harm } from './harm/harm.ts'
export * from './patterns/index.ts'
export * from './personal-data/index.ts'
export { REFUSAL_LABELS, type RefusalLabel, refusal } from './refusal/refusal.ts'
export { REFUSAL_DIRECTION_LABELS, type RefusalDirectionLabel } from './refusal-direction/read-subject.ts'
export { type RefusalDirectionOptions, refusalDirection } from './refusal-direction/refusal-direction.ts'
export {
  type RefusalVector,
  type RefusalVectorOptions,
  refusalVector,
} from './refusal-direction/refusal-vector.ts'
export * from './secrets/index.ts'
export { SENTIMENT_LABELS, type SentimentLabel, sentiment } from './sentiment/sentiment.ts'
export type { ClassifierOptions } from './text-classifier/classifier-options.ts'
export { TOXICITY_LABELS, type ToxicityLabel, toxicity } from './toxicity/toxicity.ts'
export type { ModelOptions } from './weights/model-options.ts'
export { closeModels } from './weights/shared-host.ts'
