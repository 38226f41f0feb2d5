import { entry, errorsOf } from '@parapet/sdk'

type Detector = { detector: string }

/** Every error of this package. `docs/errors.md` lists the same codes; a test keeps them equal. */
export const DETECTOR_ERRORS = {
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
