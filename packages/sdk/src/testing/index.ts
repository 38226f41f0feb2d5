export * from './adapter-contract/index.ts'
export { capabilityTable } from './capability-table.ts'
export * from './detector-contract/index.ts'
export { distinctText, type JudgedEntry, type JudgedLog, judgedLog } from './judged-log.ts'
export * from './queue-contract/index.ts'
export { type RecordingSink, recordingSink } from './recording-sink.ts'
export {
  DETECTOR_FAULTS,
  type DetectorFault,
  type DetectorScript,
  type LabelPatterns,
  type ScriptedDetector,
  type ScriptedDetectorOptions,
  scriptedDetector,
} from './scripted-detector.ts'
export {
  SCRIPTED_MESSAGE,
  SCRIPTED_REPLACEMENT,
  SCRIPTED_WORDS,
  type ScriptedPolicyOptions,
  scriptedPolicy,
  scriptedRules,
  wordDetector,
} from './scripted-policy.ts'
