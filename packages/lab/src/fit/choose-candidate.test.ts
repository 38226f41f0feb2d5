import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import type { CandidateScores } from './candidate.ts'
import { chooseCandidate } from './choose-candidate.ts'

interface Run {
  readonly layers: number
  readonly chosen: { readonly position: number; readonly layer: number }
  readonly evaluations: readonly {
    readonly position: number
    readonly layer: number
    readonly refusal_score: number | null
    readonly steering_score: number | null
    readonly kl_div_score: number | null
  }[]
}

/** The scores that the authors recorded for each candidate of five models, and what they chose (Apache-2.0). */
const { runs } = JSON.parse(
  readFileSync(
    new URL('../../test/__fixtures__/arditi-selection-runs.json', import.meta.url),
    'utf8',
  ).replaceAll(/\bNaN\b/g, 'null'),
) as { runs: Record<string, Run> }

const scoresOf = ({ evaluations }: Run): CandidateScores[] =>
  evaluations.map((row) => ({
    block: row.layer,
    position: row.position,
    bypass: row.refusal_score ?? Number.NaN,
    induce: row.steering_score ?? Number.NaN,
    divergence: row.kl_div_score ?? Number.NaN,
  }))

const PUBLISHED = { klBound: 0.1, induceBound: 0, depth: 0.8 }

describe('on the recorded runs', () => {
  test.each(Object.entries(runs))('chooses for %s what was published', (_, run) => {
    const { left, removed } = chooseCandidate(scoresOf(run), run.layers, PUBLISHED)

    expect(left[0]).toMatchObject({ block: run.chosen.layer, position: run.chosen.position })
    const sum = Object.values(removed).reduce((total, count) => total + count, 0)
    expect(sum + left.length).toBe(run.evaluations.length)
  })

  test('there are five of them', () => expect(Object.keys(runs)).toHaveLength(5))
})

describe('each filter', () => {
  const good = { block: 1, position: -1, bypass: -4, induce: 2, divergence: 0.05 }

  test.each([
    ['not finite', { bypass: Number.NaN }],
    ['not finite', { divergence: Number.POSITIVE_INFINITY }],
    ['depth', { block: 8 }],
    ['divergence', { divergence: 0.11 }],
    ['induce', { induce: -0.01 }],
  ] as const)('"%s" removes %o, and counts it', (filter, change) => {
    const { left, removed } = chooseCandidate([good, { ...good, ...change }], 10, PUBLISHED)

    expect(left).toEqual([good])
    expect(removed[filter]).toBe(1)
  })

  test('keeps what lies on its bound', () => {
    const edge = { ...good, divergence: 0.1, induce: 0, block: 7 }

    expect(chooseCandidate([edge], 10, PUBLISHED).left).toEqual([edge])
  })
})
