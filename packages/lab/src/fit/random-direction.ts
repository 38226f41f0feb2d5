import { seededRandom } from './shuffle.ts'

/** A unit vector in a direction that is random and the same for each seed: normal draws (Box and Muller), float32[width]. */
export function randomDirection(width: number, seed: number): Float32Array {
  const random = seededRandom(seed)
  const draws = Float64Array.from({ length: width }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    return radius * Math.cos(2 * Math.PI * random())
  })
  const length = Math.hypot(...draws)
  return Float32Array.from(draws, (draw) => draw / length)
}
