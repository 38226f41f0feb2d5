import type { Intervention } from '@parapet/runtime'
import { unit } from '../vector.ts'
import type { Shortlisted } from './shortlist-candidates.ts'

/** Takes a candidate's direction out of the stream: to 0, or to where the mean of harmless prompts lies on it. */
export function erasing(
  { vector, offset }: Pick<Shortlisted, 'vector' | 'offset'>,
  form: 'zero' | 'affine',
): Intervention {
  return { erase: { direction: unit(vector), ...(form === 'affine' ? { offset } : {}) } }
}

/** Adds a candidate's vector, as it is, in front of its block. */
export function adding({ vector, block }: Pick<Shortlisted, 'vector' | 'block'>): Intervention {
  return { add: { vector, block } }
}
