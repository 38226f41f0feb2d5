export { type AnswerRow, answerRow } from './answer-row.ts'
export { ARMS, type Arm, CONDITION_WORDS, CONDITIONS, type Condition, type PromptKind } from './conditions.ts'
export type { Doubt } from './find-doubts.ts'
export { type Origin, openDirection, type ProvedDirection } from './open-direction.ts'
export { PROOF_SCHEMA, type Proof, type ProofSettings } from './proof.ts'
export { proveDirection } from './prove-direction.ts'
export { DEFAULT_PROVE_OPTIONS, type ProveOptions } from './prove-options.ts'
export { type Tally, tallyAnswers, tallyOf } from './tally-answers.ts'
export {
  type Bars,
  overallVerdict,
  shareDifference,
  type Verdict,
  type WeighedBar,
  weighBars,
} from './weigh-bars.ts'
