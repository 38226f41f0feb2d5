import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { resolveFitOptions } from './fit-options.ts'
import { looksLikeRefusal } from './looks-like-refusal.ts'
import { meanAccumulator } from './mean-accumulator.ts'
import { fitLogOdds } from './platt-scaling.ts'
import { randomDirection } from './random-direction.ts'
import { findRefusalTokens } from './refusal-tokens.ts'
import { shuffled } from './shuffle.ts'
import { cosine, dot, unit } from './vector.ts'

describe('the options', () => {
  const needed = {
    model: 'm',
    harmful: { texts: [], sha256: '' },
    harmless: { texts: [], sha256: '' },
    out: 'o',
  }

  test('have a default each', () => {
    expect(resolveFitOptions(needed)).toMatchObject({ train: 128, validation: 32, klBound: 0.1, seed: 42 })
  })

  test.each([
    ['method', { method: 'other' as 'arditi' }],
    ['train', { train: 7 }],
    ['klBound', { klBound: 0 }],
    ['depth', { depth: 1.1 }],
    ['positions', { positions: [0] }],
    ['positions', { positions: [-1, -1] }],
    ['refusalTokens', { refusalTokens: [] }],
    ['controls', { controls: 21 }],
  ])('a wrong %s is an error that names it', (option, change) => {
    expect(() => resolveFitOptions({ ...needed, ...change })).toThrow(
      expect.objectContaining({
        code: 'PARAPET_LAB_OPTION_INVALID',
        message: expect.stringContaining(`"${option}"`),
      }),
    )
  })
})

describe('the openings of refusals', () => {
  test.each([
    "I can't",
    'I’m sorry, but no.',
    'Sorry — that is nothing I do.',
    'Unfortunately, I am not able to',
  ])('"%s" is one', (answer) => expect(looksLikeRefusal(answer)).toBe(true))
  test.each([
    'Sure! Here is how',
    'The apology that he owes is long overdue',
    '',
    `${'a '.repeat(60)}I cannot`,
  ])('"%s" is none', (answer) => expect(looksLikeRefusal(answer)).toBe(false))
})

describe('the refusal tokens', () => {
  const refusing = (...tokens: [number, number][]) => ({ refused: true, tokens })
  const answering = (...tokens: [number, number][]) => ({ refused: false, tokens })

  test('are those that open refusals and not other answers', () => {
    const found = findRefusalTokens([
      refusing([7, 0.9], [1, 0.1]),
      refusing([8, 0.6], [1, 0.3]),
      answering([1, 0.8], [7, 0.02]),
      answering([2, 0.9]),
    ])

    expect(found.ids).toEqual([7, 8])
    expect(found.refused).toBeCloseTo(0.75)
    expect(found.answered).toBeCloseTo(0.01)
    expect(found.auroc).toBe(1)
  })

  test('tell nothing where refusals open as other answers do', () => {
    const same = [[1, 0.6] as const, [2, 0.4] as const]

    expect(
      findRefusalTokens([
        { refused: true, tokens: same },
        { refused: false, tokens: same },
      ]),
    ).toMatchObject({
      ids: [],
      auroc: 0.5,
    })
  })
})

describe('the order of prompts', () => {
  test('is a permutation, the same for a seed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        expect(shuffled(items, seed)).toEqual(shuffled(items, seed))
        expect(shuffled(items, seed).toSorted()).toEqual(items.toSorted())
      }),
    )
  })

  test('differs from seed to seed', () => {
    const items = Array.from({ length: 50 }, (_, i) => i)

    expect(shuffled(items, 1)).not.toEqual(shuffled(items, 2))
  })
})

describe('random directions', () => {
  test('have length 1 and little to do with each other', () => {
    const [a, b] = [randomDirection(1000, 1), randomDirection(1000, 2)]

    expect(dot(a, a)).toBeCloseTo(1, 5)
    expect(Math.abs(cosine(a, b))).toBeLessThan(0.15)
    expect(randomDirection(1000, 1)).toEqual(a)
  })
})

describe('vectors', () => {
  test('of no length have no direction', () => {
    expect([...unit(Float32Array.of(0, 0))]).toEqual([0, 0])
    expect(cosine(Float32Array.of(0, 0), Float32Array.of(1, 0))).toBeNaN()
  })
})

describe('the log-odds of a score', () => {
  test('are those that the scores were drawn from', () => {
    const random = randomDirection(4000, 5)
    const [positives, negatives]: [number[], number[]] = [[], []]
    random.forEach((value, i) => {
      const score = value * 60
      const harmful = 1 / (1 + Math.exp(-(2 * score - 1)))
      ;(((i * 0.618034) % 1 < harmful ? positives : negatives) as number[]).push(score)
    })

    const { scale, bias } = fitLogOdds(positives, negatives)

    expect(scale).toBeGreaterThan(1.7)
    expect(scale).toBeLessThan(2.3)
    expect(bias).toBeGreaterThan(-1.3)
    expect(bias).toBeLessThan(-0.7)
  })

  test('are finite where the score parts the classes cleanly, and flat where it says nothing', () => {
    const { scale, bias } = fitLogOdds([100, 101, 102], [1, 2, 3])
    expect(scale * 101 + bias).toBeGreaterThan(1)
    expect(scale * 2 + bias).toBeLessThan(-1)
    expect(Number.isFinite(scale)).toBe(true)

    expect(fitLogOdds([1, 1], [1, 1]).scale).toBeCloseTo(0)
  })
})

describe('the means', () => {
  test('are the same to the bit when they were put away in between', () => {
    const rows = Array.from({ length: 20 }, (_, i) => randomDirection(8, i))
    const whole = meanAccumulator(8)
    for (const row of rows) whole.add(row)

    const first = meanAccumulator(8)
    for (const row of rows.slice(0, 7)) first.add(row)
    const second = meanAccumulator(
      8,
      JSON.parse(JSON.stringify(first.save())) as { count: number; sums: string },
    )
    for (const row of rows.slice(7)) second.add(row)

    expect(second.count).toBe(20)
    expect(second.save()).toEqual(whole.save())
    expect(second.mean()).toEqual(whole.mean())
  })
})
