import type { Intervention } from '@parapet/runtime'
import { randomDirection } from '../fit/random-direction.ts'
import type { Condition } from './conditions.ts'
import type { Erasure } from './erasure.ts'
import type { ProvedDirection } from './open-direction.ts'
import type { ResolvedProveOptions } from './prove-options.ts'

/**
 * What is done to the model under each condition. Random directions are the control: erased to 0, and
 * added at its block with its length. All conditions run in one graph, so that nothing else differs between them.
 */
export function interventionsOf(
  { unit, vector, norm, block }: ProvedDirection,
  { eraseOffset }: Erasure,
  { seed, addStrength, spare }: ResolvedProveOptions,
): (condition: Condition, draw: number) => Intervention {
  const random = (draw: number) => randomDirection(unit.length, seedOf(seed, draw))
  return (condition, draw) => {
    if (condition === 'erased') return { erase: { direction: unit, offset: eraseOffset }, spare }
    if (condition === 'randomErased') return { erase: { direction: random(draw) }, spare }
    if (condition === 'added') return { add: { vector, block, strength: addStrength }, spare }
    if (condition === 'randomAdded') {
      const scaled = random(draw).map((value) => value * norm)
      return { add: { vector: scaled, block, strength: addStrength }, spare }
    }
    return {}
  }
}

/** The seed of a random direction: told in the result, so that each can be drawn again. */
export const seedOf = (seed: number, draw: number): number => (seed + 7_919 * (draw + 1)) % 2 ** 31
