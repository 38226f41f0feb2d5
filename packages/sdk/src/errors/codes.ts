import { entry, errorsOf } from './catalogue.ts'

export { JSON_ERRORS } from '../json/errors.ts'
export { RECORD_ERRORS } from '../record/errors.ts'
export { QUEUE_ERRORS } from '../review/errors.ts'

/** The errors of `@parapet/sdk` that belong to no folder of their own. Documented in `docs/errors.md`. */
export const SDK_ERRORS = {
  PARAPET_POLICY_INVALID: entry<{ lines: readonly string[] }>(
    ({ lines }) =>
      `The policy has ${lines.length} mistake${lines.length === 1 ? '' : 's'}:\n${lines.join('\n')}\nEach line says what would be right: correct them, and define the policy again.`,
  ),
  PARAPET_CONTEXT_INVALID: entry<{ issue: string }>(
    ({ issue }) =>
      `The request cannot be judged: ${issue}. Roles, parts and stages are those of the types. Tenants, subject keys, request ids and locales are ids of your own, 1 to 300 characters, well-formed, without control characters; a media type is like "image/png".`,
  ),
  PARAPET_POLICY_CALIBRATION_SMALL: entry<{
    detector: string
    label: string
    rate: number
    n: number
    needed: number
  }>(
    ({ detector, label, rate, n, needed }) =>
      `The label "${label}" of ${detector} has ${n} calibrated benign scores, and a false-positive rate of ${rate} needs ${needed}. Ask for a higher rate, or use .above(score).`,
  ),
  PARAPET_CALIBRATION_TEXT_MISSING: entry<{ id: string }>(
    ({ id }) =>
      `The item ${id} was read without its text, which tells the copies of one text apart from other texts. List items with their content: leave out content: false.`,
  ),
  PARAPET_GUARD_OPTIONS: entry<{ problems: readonly string[] }>(
    ({ problems }) =>
      `The guard's options are wrong: ${problems.join('; ')}. docs/guard.md lists every option and its range.`,
  ),
  PARAPET_GUARD_QUEUE_MISSING: entry<void>(
    () =>
      'The policy holds content for review, and the guard has no queue. Pass one: createGuard({ policy, queue: sqliteQueue("review.db") }).',
  ),
  PARAPET_GUARD_SPECULATION_REFUSED: entry<{ because: string }>(
    ({ because }) =>
      `The provider cannot be asked before the request is judged: ${because}. Make a guard without speculate: true for it.`,
  ),
  PARAPET_GUARD_LOAD_FAILED: entry<{ detector: string; code: string }>(
    ({ detector, code }) =>
      `The detector ${detector} cannot be loaded (${code}). Until it can, its rules give onError. The cause says what is missing.`,
  ),
  PARAPET_GRANT_REFUSED: entry<void>(
    () =>
      'The grant does not lift this hold: it is unknown, used, or was given for other content, another policy or other detectors. Send the request again without it, under a new requestId, to open a new review.',
  ),
  PARAPET_TICKET_UNKNOWN: entry<void>(
    () =>
      'The queue has no item with this ticket. Resume on the queue that held the request, with the ticket it gave.',
  ),
  PARAPET_TICKET_EXPIRED: entry<void>(
    () =>
      'What the ticket stands for was approved, and its text has been erased since: by its expiry, or for a person. Resume within retentionMs; send the request again.',
  ),
  PARAPET_GATE_CLOSED: entry<void>(
    () => 'The gate has ended, and nothing can be added. Open a new exchange for the next answer.',
  ),
  PARAPET_GATE_PART_OVER: entry<void>(
    () =>
      'The gate was given more of a part that had ended, or another part under an id that is taken, and has ended the answer. Give each part an id of its own, and nothing after endPart.',
  ),
  PARAPET_GATE_BUSY: entry<void>(
    () => 'The gate is still judging what came before. Await each step before the next call.',
  ),
} as const

/** Codes that stand in decisions and records as the reason of a fault; they are never thrown. */
export const FAULT_CODES = {
  PARAPET_DETECTOR_FAILED: 'The detector threw something that is no error of Parapet.',
  PARAPET_DETECTOR_TIMEOUT: 'The detector did not answer within the stage’s budget.',
  PARAPET_DETECTOR_INVALID:
    'The detector’s answer broke its contract: NaN, out of range, a missing label, a wrong span.',
  PARAPET_DETECTOR_NO_SPANS:
    'A rule redacts, the score was over its threshold, and the detector named no place.',
  PARAPET_DETECTOR_UNANSWERED: 'The record holds no outcome of a detector that the policy asks.',
  PARAPET_DETECTOR_LOAD_FAILED: 'The detector could not be loaded.',
  PARAPET_DETECTOR_LOAD_TIMEOUT: 'The detector did not load in time.',
  PARAPET_POLICY_THRESHOLD_MISSING:
    'A rule’s false-positive rate was not resolved when the decision was made.',
  PARAPET_LIMIT_CHARACTERS: 'The request, or the answer, is longer than the policy’s limits allow.',
  PARAPET_GATE_OVERFLOW: 'The answer was padded with invisible characters beyond what the gate holds back.',
  PARAPET_GATE_EDIT_IMPOSSIBLE: 'A redaction would have to cut a key of a JSON object.',
} as const

/** Builds an error of this package: `sdkError('PARAPET_…', details)`. */
export const sdkError = errorsOf(SDK_ERRORS)
