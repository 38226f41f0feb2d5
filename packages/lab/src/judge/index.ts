export { type AnswerJudge, type AnswerJudgeOptions, createAnswerJudge } from './answer-judge.ts'
export { type Exchange, JUDGEMENT_KINDS, type Judgement, type JudgementKind } from './judgement.ts'
