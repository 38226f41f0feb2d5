import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { tokenChoice } from './token-choice.ts'

const greedy = tokenChoice({ temperature: 0, topP: 1, seed: 0 })

describe('tokenChoice', () => {
  test('without temperature it takes the largest logit, the first of equals', () => {
    expect(greedy(Float32Array.of(1, 3, 3, 2))).toBe(1)
    expect(greedy(Float32Array.of(Number.NaN, -5, Number.NaN))).toBe(1)
  })

  test('where no logit is a number there is no token', () => {
    expect(greedy(new Float32Array(4).fill(Number.NaN))).toBe(-1)
    expect(tokenChoice({ temperature: 1, topP: 1, seed: 0 })(new Float32Array(4).fill(Number.NaN))).toBe(-1)
  })

  test('the same seed draws the same tokens, another seed others', () => {
    const draw = (seed: number) => {
      const choose = tokenChoice({ temperature: 1, topP: 1, seed })
      return Array.from({ length: 40 }, () => choose(new Float32Array(50)))
    }

    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  test('draws follow the tempered distribution', () => {
    const choose = tokenChoice({ temperature: 2, topP: 1, seed: 5 })
    const logits = Float32Array.of(0, 2 * Math.log(3))
    const draws = Array.from({ length: 20_000 }, () => choose(logits))

    const share = draws.filter((id) => id === 1).length / draws.length

    // 3 : 1 at temperature 2; five standard errors.
    expect(Math.abs(share - 0.75)).toBeLessThan(5 * Math.sqrt((0.75 * 0.25) / 20_000))
  })

  test('topP leaves the tail out, and never everything', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(0.01), max: 1, noNaN: true }), fc.integer(), (topP, seed) => {
        const choose = tokenChoice({ temperature: 1, topP, seed })
        const logits = Float32Array.of(10, 9, 0, -5)
        const id = choose(logits)

        expect(id).toBeGreaterThanOrEqual(0)
        if (topP <= 0.7) expect(id).toBe(0)
      }),
    )
  })
})
