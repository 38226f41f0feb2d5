export {
  type AdapterCapabilities,
  CAPABILITIES,
  type Capability,
  type Handling,
} from './adapter/capabilities.ts'
export { binomialUpperBound } from './calibration/binomial-bound.ts'
export type { Calibration, LabelCalibration } from './calibration/calibration.ts'
export { type Disagreement, disagreementOf } from './calibration/disagreement.ts'
export { learnThreshold, type ThresholdEvidence, type ThresholdGoal } from './calibration/learn-threshold.ts'
export { resolveThreshold } from './calibration/resolve-threshold.ts'
export type { ReviewedSample } from './calibration/reviewed-sample.ts'
export { proposeThresholds, type ThresholdProposal } from './calibration/threshold-proposal.ts'
export { applyEdits } from './decision/apply-edits.ts'
export type {
  Decision,
  Duty,
  DutyKind,
  Edit,
  Hold,
  Judgement,
  Reason,
  Steering,
  Verdict,
} from './decision/decision.ts'
export { type JudgeInput, judge } from './decision/judge.ts'
export type { CostTier, Coverage, Detector, DetectorDescriptor, LoadedDetector } from './detector/detector.ts'
export type { Abstained, AbstainReason, Failed, Measurement, Scored, Span } from './detector/measurement.ts'
export { type CatalogueEntry, type DetailsOf, entry, errorsOf } from './errors/catalogue.ts'
export { FAULT_CODES, SDK_ERRORS } from './errors/codes.ts'
export { isParapetError, ParapetError } from './errors/parapet-error.ts'
export { isContentOf } from './guard/content-digest.ts'
export { createGuard } from './guard/create-guard.ts'
export type * from './guard/guard.ts'
export { DEFAULT_GUARD_OPTIONS, type GuardOptions } from './guard/guard-options.ts'
export { canonicalJson } from './json/canonical.ts'
export { digestOf, keyedDigest, sha256Hex } from './json/digest.ts'
export type { JsonObject, JsonValue } from './json/json.ts'
export { measureOnce } from './pipeline/measure-once.ts'
export {
  DEFAULT_LIMITS,
  DEFAULT_MESSAGE,
  definePolicy,
  type PolicyDefinition,
  type StageDefinition,
} from './policy/define-policy.ts'
export { type DetectorRegistry, parsePolicy } from './policy/parse-policy.ts'
export type * from './policy/policy.ts'
export { PolicyError, type PolicyIssue, type PolicyIssueCode } from './policy/policy-error.ts'
export { policyDocumentSchema, policyJsonSchema } from './policy/policy-schema.ts'
export { type ReviewOptions, type RuleDraft, when } from './policy/when.ts'
export * from './record/index.ts'
export * from './review/index.ts'
export * from './subject/index.ts'
export * from './text/index.ts'
