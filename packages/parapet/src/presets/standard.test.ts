import { afterAll, describe, expect, it } from '@jest/globals'
import { closeModels } from '@parapet/detectors'
import { createGuard, parsePolicy } from '@parapet/sdk'
import { detectorRegistry } from '../registry.ts'
import { standardPreset } from './standard.ts'

/** Loading every model takes a while where few cores are free. */
const LONG_MS = 180_000
afterAll(closeModels)

describe('standardPreset', () => {
  it('states what a fault and an abstention give, and a budget, at every stage', () => {
    for (const stage of Object.values(standardPreset().document.stages))
      expect(stage).toMatchObject({
        onError: { kind: 'block' },
        onAbstain: { kind: 'flag' },
        budgetMs: 3_000,
        release: { kind: 'whole' },
      })
  })

  it('takes thresholds from rates alone, never from scores', () => {
    const conditions = Object.values(standardPreset().document.stages).flatMap(({ rules }) =>
      rules.map(({ condition }) => condition.kind),
    )

    expect(conditions).toContain('falsePositiveRate')
    expect(conditions).not.toContain('above')
  })

  it('has the same hash when it is read back from its JSON form', () => {
    const { document, policyHash } = standardPreset()
    const json: unknown = JSON.parse(JSON.stringify(document))

    expect(parsePolicy(json, detectorRegistry(json)).policyHash).toBe(policyHash)
  })

  it(
    'binds to the calibrations that ship: every rate it asks for is offered',
    async () => {
      const guard = createGuard({ policy: standardPreset() })

      try {
        await guard.warm()
        expect(await guard.bindingHash()).toMatch(/^sha256:[0-9a-f]{64}$/)
      } finally {
        await guard.close()
      }
    },
    LONG_MS,
  )

  it(
    'lets an ordinary question and answer pass, and cuts a key and a card out of an answer',
    async () => {
      const guard = createGuard({ policy: standardPreset() })
      const key = ['ghp', '_', 'x7Kq2mVn9Tz4Lw8Rb3Yc6Hd1Jf5Sg0PaQeUi'].join('')
      const answer = `Use ${key}, and pay with 4111 1111 1111 1111.`

      try {
        const question = await guard.check({ stage: 'input', text: 'When does the library open on Sunday?' })
        const leak = await guard.check({ stage: 'output', text: answer })

        expect(question).toMatchObject({ verdict: 'allow', edits: [] })
        expect(leak.verdict).toBe('allow')
        expect(leak.edits.map(({ start, end }) => answer.slice(start, end))).toEqual([
          key,
          '4111 1111 1111 1111',
        ])
      } finally {
        await guard.close()
      }
    },
    LONG_MS,
  )
})
