import { fault } from '../errors/codes.ts'

const USUAL = 2000
const MOST = 100_000

/** The option `contextCharacters`, checked and completed. @throws `PARAPET_DETECTOR_OPTION_INVALID` */
export function contextOption(detector: string, value: number = USUAL): number {
  if (Number.isInteger(value) && value >= 0 && value <= MOST) return value
  throw fault('PARAPET_DETECTOR_OPTION_INVALID', {
    detector,
    option: 'contextCharacters',
    received: String(value),
    expected: `a whole number from 0 to ${MOST}`,
  })
}
