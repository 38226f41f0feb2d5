import { fault } from '../../errors/codes.ts'

/** A score as a service gave it. @throws `PARAPET_REMOTE_SCORE_INVALID` for anything but a number in [0, 1] */
export function checkedScore(detector: string, label: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  const received = typeof value === 'number' ? String(value) : `of type ${typeof value}`
  throw fault('PARAPET_REMOTE_SCORE_INVALID', { detector, label, received })
}
