import { labError } from '../errors/codes.ts'
import type { ProvedDirection } from './open-direction.ts'
import type { ProveOptions } from './prove-options.ts'

/** How a direction is erased: r̂ᵀx is brought to 0, or to its mean over harmless prompts (the affine form). */
export interface Erasure {
  readonly erase: 'zero' | 'affine'
  /** What r̂ᵀx is brought to. */
  readonly eraseOffset: number
}

/**
 * The form that was asked for, or else the one that the direction was chosen with.
 * @throws `PARAPET_LAB_OPTION_INVALID` for an offset of the form that has none, and for the affine form without any
 */
export function erasureOf(
  { erase, eraseOffset }: Pick<ProveOptions, 'erase' | 'eraseOffset'>,
  fitted: ProvedDirection['fitted'],
): Erasure {
  const form = erase ?? (eraseOffset === undefined ? fitted.erase : eraseOffset === 0 ? 'zero' : 'affine')
  if (form === 'zero') {
    if (eraseOffset === undefined || eraseOffset === 0) return { erase: 'zero', eraseOffset: 0 }
    const received = String(eraseOffset)
    throw labError('PARAPET_LAB_OPTION_INVALID', {
      option: 'eraseOffset',
      received,
      expected: 'left out, or 0, where erase is zero',
    })
  }
  const offset = eraseOffset ?? fitted.offset
  if (offset !== undefined) return { erase: 'affine', eraseOffset: offset }
  throw labError('PARAPET_LAB_OPTION_INVALID', {
    option: 'erase',
    received: 'affine',
    expected:
      'zero, for a direction file that does not say the mean over harmless prompts; or name it in eraseOffset',
  })
}
