import { sdkError } from '../errors/codes.ts'
import type { LabelCalibration } from './calibration.ts'

/** The smallest double above `value`, for value ≥ 0. */
function nextUp(value: number): number {
  const bits = new BigInt64Array(new Float64Array([value]).buffer)
  bits[0] = (bits[0] as bigint) + 1n
  return new Float64Array(bits.buffer)[0] as number
}

/**
 * The smallest score that at most the share `rate` of the calibration's benign texts reach.
 * @param rate share of benign texts that may be flagged, in (0, 0.05]
 * @throws PARAPET_POLICY_CALIBRATION_SMALL when there are fewer than 3 / rate benign texts
 */
export function resolveThreshold(
  calibration: LabelCalibration | undefined,
  rate: number,
  names: { readonly detector: string; readonly label: string },
): number {
  const n = calibration?.n ?? 0
  if (!calibration || n < 3 / rate)
    throw sdkError('PARAPET_POLICY_CALIBRATION_SMALL', { ...names, rate, n, needed: Math.ceil(3 / rate) })
  const allowed = Math.floor(rate * n + 1e-9)
  const highestRefused = calibration.tail[allowed]
  if (highestRefused === undefined)
    throw sdkError('PARAPET_POLICY_CALIBRATION_SMALL', {
      ...names,
      rate,
      n: calibration.tail.length,
      needed: allowed + 1,
    })
  return nextUp(highestRefused)
}
