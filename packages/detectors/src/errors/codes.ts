import { entry, errorsOf } from '@parapet/sdk'

type Detector = { detector: string }

/** Every error of this package. `docs/errors.md` lists the same codes; a test keeps them equal. */
export const DETECTOR_ERRORS = {
  PARAPET_DETECTOR_PEER_MISSING: entry<Detector & { peer: string; install: string }>(
    ({ detector, peer, install }) =>
      `Detector "${detector}" needs ${peer}, which is not installed. Run: ${install}`,
  ),
  PARAPET_REMOTE_KEY_MISSING: entry<Detector & { source: string }>(
    ({ detector, source }) =>
      `Detector "${detector}": ${source} gives no key that can stand in a header. Set it, without spaces or line breaks around it.`,
  ),
  PARAPET_REMOTE_UNREACHABLE: entry<Detector & { problem: string }>(
    ({ detector, problem }) =>
      `Detector "${detector}": the service cannot be reached, or its answer broke off (${problem}). Check its address and that it runs.`,
    { retryable: true },
  ),
  PARAPET_REMOTE_TIMEOUT: entry<Detector & { timeoutMs: number }>(
    ({ detector, timeoutMs }) =>
      `Detector "${detector}": the service gave no answer within ${timeoutMs} ms. Raise "timeoutMs", or give the service more room.`,
    { retryable: true },
  ),
  PARAPET_REMOTE_UNAUTHORIZED: entry<Detector & { status: number }>(
    ({ detector, status }) =>
      `Detector "${detector}": the service does not let us in, or has no such model (status ${status}). Check the key, what it may do, and the names in the options.`,
  ),
  PARAPET_REMOTE_REFUSED: entry<Detector & { status: number }>(
    ({ detector, status }) =>
      `Detector "${detector}": the service refused the request (status ${status}). Check the options against what it takes, its longest text first.`,
  ),
  PARAPET_REMOTE_RATE_LIMITED: entry<Detector & { retryAfterMs: number }>(
    ({ detector, retryAfterMs }) =>
      `Detector "${detector}": the service asks for fewer requests (status 429, to wait ${retryAfterMs} ms). Lower "concurrency", or ask the service for a higher limit.`,
    { retryable: true },
  ),
  PARAPET_REMOTE_UNAVAILABLE: entry<Detector & { status: number }>(
    ({ detector, status }) =>
      `Detector "${detector}": the service failed (status ${status}). Look into its own log.`,
    { retryable: true },
  ),
  PARAPET_REMOTE_REDIRECTED: entry<Detector & { status: number }>(
    ({ detector, status }) =>
      `Detector "${detector}": the service sent the request elsewhere (status ${status}; 0: to another origin), and redirects are refused. Give the address at which it answers itself.`,
  ),
  PARAPET_REMOTE_CONTENT_TYPE: entry<Detector>(
    ({ detector }) =>
      `Detector "${detector}": the answer is not marked as JSON: a page of a proxy, perhaps. Check the address.`,
  ),
  PARAPET_REMOTE_ANSWER_TOO_LARGE: entry<Detector & { maxBytes: number }>(
    ({ detector, maxBytes }) =>
      `Detector "${detector}": the answer has more than ${maxBytes} bytes, and was not read to its end. Check what answers at this address.`,
  ),
  PARAPET_REMOTE_ANSWER_MALFORMED: entry<Detector & { problem: string }>(
    ({ detector, problem }) =>
      `Detector "${detector}": the answer has another form: ${problem}. Check that this kind of service answers at this address.`,
  ),
  PARAPET_REMOTE_LABELS_MISMATCH: entry<Detector & { problem: string; expected: readonly string[] }>(
    ({ detector, problem, expected }) =>
      `Detector "${detector}": the labels of the answer are not those of the option: ${problem}; expected ${quoted(expected)}. Name every label that the model gives.`,
  ),
  PARAPET_REMOTE_SCORE_INVALID: entry<Detector & { label: string; received: string }>(
    ({ detector, label, received }) =>
      `Detector "${detector}": the service gave ${received} for "${label}"; expected a number in [0, 1]. Check that the model gives probabilities.`,
  ),
  PARAPET_REMOTE_MODEL_MISMATCH: entry<Detector & { problem: string; expected: string }>(
    ({ detector, problem, expected }) =>
      `Detector "${detector}": another model answers than the one that was named: ${problem}; expected ${expected}. Name the model that is served, or serve the one that is named.`,
  ),
  PARAPET_REMOTE_VERDICT_MALFORMED: entry<Detector & { problem: string }>(
    ({ detector, problem }) =>
      `Detector "${detector}": the model gave no verdict in the form that was asked for: ${problem}. Take a model that keeps to a schema; where it happens seldom, it may be what the judged text is after.`,
  ),
  PARAPET_REMOTE_EXPORT_EXISTS: entry<{ name: string }>(
    ({ name }) =>
      `The repository has a model "${name}" already, and it is left as it is. Remove its folder first, or name another repository.`,
  ),
  PARAPET_REMOTE_CIRCUIT_OPEN: entry<Detector & { circuitOpenMs: number }>(
    ({ detector, circuitOpenMs }) =>
      `Detector "${detector}": the service failed several times in a row, and is not asked for ${circuitOpenMs} ms. The failures before say why.`,
    { retryable: true },
  ),
  PARAPET_REMOTE_OVERLOADED: entry<Detector & { concurrency: number; queued: number }>(
    ({ detector, concurrency, queued }) =>
      `Detector "${detector}": ${concurrency} calls run and ${queued} wait. Raise "concurrency" or "queued", or send less at once.`,
    { retryable: true },
  ),
  PARAPET_DETECTOR_OPTION_INVALID: entry<Detector & { option: string; received: string; expected: string }>(
    ({ detector, option, received, expected }) =>
      `Detector "${detector}": option "${option}" is ${received}; expected ${expected}.`,
  ),
  PARAPET_DETECTOR_ABORTED: entry<Detector>(
    ({ detector }) => `Detector "${detector}": the measurement was taken back by its AbortSignal.`,
  ),
  PARAPET_DETECTOR_LABEL_MISSING: entry<
    Detector & { label: string; model: string; labels: readonly string[] }
  >(
    ({ detector, label, model, labels }) =>
      `Detector "${detector}": the weights "${model}" have no calibrated label "${label}"; they have ${quoted(labels)}. Leave it out of the option "labels", or use weights that have it.`,
  ),
  PARAPET_DETECTOR_OUTPUT_MISSING: entry<
    Detector & { model: string; output: string; outputs: readonly string[] }
  >(
    ({ detector, model, output, outputs }) =>
      `Detector "${detector}": the weights "${model}" have no output "${output}"; they have ${quoted(outputs)}. Use weights that were trained for this detector.`,
  ),
  PARAPET_DETECTOR_CALIBRATION_INVALID: entry<{ model: string; path: string; problem: string }>(
    ({ model, path, problem }) =>
      `Model "${model}": its calibration.json is not usable at "${path}": ${problem}. Expected the form "parapet.calibration/1"; install the weights package again, or calibrate anew.`,
  ),
  PARAPET_DETECTOR_CALIBRATION_MISSING: entry<Detector & { model: string; detectors: readonly string[] }>(
    ({ detector, model, detectors }) =>
      `Detector "${detector}": the calibration of the weights "${model}" is for ${quoted(detectors)}. Use weights that were calibrated for this detector.`,
  ),
  PARAPET_DETECTOR_CALIBRATION_MISMATCH: entry<{
    model: string
    file: string
    received: string
    expected: string
  }>(
    ({ model, file, received, expected }) =>
      `Model "${model}": calibration.json was made with a ${file} of digest ${received}, and the one here has ${expected}. Install the weights package again, or calibrate anew.`,
  ),
  PARAPET_DETECTOR_COVERAGE_EXCEEDED: entry<
    Detector & { option: string; received: string; model: string; covered: string }
  >(
    ({ detector, option, received, model, covered }) =>
      `Detector "${detector}": option "${option}" is ${received}, and the weights "${model}" were calibrated for ${covered}. Stay within that, or use weights that cover more.`,
  ),
  PARAPET_DETECTOR_SCORE_INVALID: entry<Detector & { label: string; model: string; received: string }>(
    ({ detector, label, model, received }) =>
      `Detector "${detector}": the weights "${model}" gave ${received} for "${label}"; expected a finite number. The weights are broken: install the package again, or export the model anew.`,
  ),
  PARAPET_DETECTOR_DIRECTION_INVALID: entry<{ model: string; problem: string }>(
    ({ model, problem }) =>
      `Model "${model}": its direction.safetensors is not usable: ${problem}. Expected the form "parapet.direction/1"; install the weights package again, or fit the direction anew.`,
  ),
  PARAPET_DETECTOR_DIRECTION_UNREADABLE: entry<{ path: string; problem: string }>(
    ({ path, problem }) =>
      `The direction file ${path} cannot be read: ${problem}. Name a safetensors file as "parapet fit" writes it, of 64 MiB at most.`,
  ),
  PARAPET_DETECTOR_DIRECTION_MISMATCH: entry<{
    what: string
    madeFor: string
    madeForModel: string
    received: string
    model: string
  }>(
    ({ what, madeFor, madeForModel, received, model }) =>
      `The direction was made for the model "${madeForModel}" (${what} ${madeFor}), and it is put to the model "${model}" (${what} ${received}). A direction holds for one model, tokenizer and template alone: use the file that belongs to this model, or fit one for it.`,
  ),
  PARAPET_DETECTOR_PATTERN_INVALID: entry<Detector & { path: string; problem: string }>(
    ({ detector, path, problem }) =>
      `Detector "${detector}": ${path} cannot be used: ${problem}. Expected a label, one of "regex", "terms" and "find", and for "regex" and "find" the longest match as "maxCharacters". Write a regular expression without look-around and back-references, or check what it finds with "validate".`,
  ),
  PARAPET_DETECTOR_MATCH_INVALID: entry<
    Detector & { path: string; start: number; end: number; maxCharacters: number }
  >(
    ({ detector, path, start, end, maxCharacters }) =>
      `Detector "${detector}": ${path}.find gave the range ${start} to ${end}; expected whole numbers inside the text, the end behind the start by no more than ${maxCharacters}. Mend the function, or raise "maxCharacters".`,
  ),
}

export type DetectorErrorCode = keyof typeof DETECTOR_ERRORS

/** Builds an error of this package out of its code and the details of its message. */
export const fault = errorsOf(DETECTOR_ERRORS)

function quoted(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.map((name) => `"${name}"`).join(', ')
}
