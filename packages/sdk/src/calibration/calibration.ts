/**
 * The scores that benign texts got: what a threshold at a false-positive rate is resolved through.
 * Read from a weights package's `calibration.json` (schema `parapet.calibration/1`).
 */
export interface LabelCalibration {
  /** How many benign texts were scored, each by the maximum over its windows. */
  readonly n: number
  /** The highest of their scores, descending: enough of them for the largest rate that may be asked for. */
  readonly tail: readonly number[]
  /** The threshold that `parapet measure` flags at: 1 % false positives on hard benign text. */
  readonly shipped: number
}

/** Per label. A label without an entry takes no `.atFalsePositiveRate()`. */
export interface Calibration {
  readonly labels: Readonly<Record<string, LabelCalibration>>
}
