import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { scoreOf, sigmoid } from './score-map.ts'

const logit = fc.double({ min: -1e4, max: 1e4, noNaN: true })

test('sigmoid stays in [0, 1] and never falls, however far the logit', () => {
  fc.assert(
    fc.property(logit, logit, (a, b) => {
      const [low, high] = [sigmoid(Math.min(a, b)), sigmoid(Math.max(a, b))]

      return low >= 0 && high <= 1 && low <= high
    }),
  )
})

test('sigmoid is symmetric around 0', () => {
  expect(sigmoid(0)).toBe(0.5)
  expect(sigmoid(3) + sigmoid(-3)).toBeCloseTo(1, 15)
})

test('Platt scales and shifts the logit of the label asked for', () => {
  expect(scoreOf({ kind: 'platt', a: 2, b: -1 }, [9, 0.5], 1)).toBe(0.5)
})

test('temperature gives scores that sum to 1 and keeps the order of the logits', () => {
  fc.assert(
    fc.property(
      fc.array(logit, { minLength: 3, maxLength: 3 }),
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (logits, t) => {
        const scores = logits.map((_, i) => scoreOf({ kind: 'temperature', t }, logits, i))
        const largest = logits.indexOf(Math.max(...logits))

        expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 9)
        expect(scores[largest]).toBe(Math.max(...scores))
      },
    ),
  )
})

test('a higher temperature is less sure', () => {
  const at = (t: number) => scoreOf({ kind: 'temperature', t }, [2, 0, 0], 0)

  expect(at(4)).toBeLessThan(at(1))
})

test.each(['platt', 'temperature', 'none'] as const)(
  '%s lets a NaN through, for the caller to refuse',
  (kind) => {
    expect(scoreOf({ kind, a: 1, b: 0, t: 1 }, [Number.NaN, 1], 0)).toBeNaN()
  },
)
