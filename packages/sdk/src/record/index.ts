export type { Break, BreakKind } from './break.ts'
export { FIRST_PREVIOUS, type Head, MAX_LINE_BYTES } from './chain.ts'
export type * from './decision-record.ts'
export { RECORD_ERRORS, recordError } from './errors.ts'
export { type ExplainedOutcome, type Explanation, explainDecision } from './explain.ts'
export { DEFAULT_JSON_LINES_OPTIONS, type JsonLinesOptions } from './json-lines-options.ts'
export { type JsonLinesSink, jsonLinesSink } from './json-lines-sink.ts'
export { fileKeys, forgetFileKey, rotateKeyFile } from './key-file.ts'
export { type MemorySink, memorySink } from './memory-sink.ts'
export { type LineFault, type ReadLine, readRecord, readRecords } from './read-record.ts'
export { recordBinding } from './record-binding.ts'
export {
  environmentKeys,
  KEY_VARIABLE,
  keyIdOf,
  parseKey,
  type RecordKey,
  type RecordKeys,
  recordKeys,
} from './record-keys.ts'
export { type RawLine, type RecordLines, type RecordSource, recordFile, recordLines } from './record-lines.ts'
export { FAULT_CODE, recordBodySchema, recordJsonSchema, recordSchema } from './record-schema.ts'
export { recordedDetectors } from './recorded-detectors.ts'
export {
  type Replay,
  type ReplayChange,
  type Replayed,
  replayDecision,
  replayRecords,
  sameJudgement,
  type Transition,
} from './replay.ts'
export type { Unknown } from './replay-question.ts'
export {
  parseHeads,
  type Verification,
  type VerifyOptions,
  verifyRecords,
} from './verify.ts'
