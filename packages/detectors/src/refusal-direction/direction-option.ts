import { fault } from '../errors/codes.ts'

/** The option `direction`, checked: the path of a direction file. @throws `PARAPET_DETECTOR_OPTION_INVALID` */
export function directionOption(detector: string, value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw fault('PARAPET_DETECTOR_OPTION_INVALID', {
    detector,
    option: 'direction',
    received: value === '' ? 'empty' : `of type ${typeof value}`,
    expected: 'the path of a direction file',
  })
}
