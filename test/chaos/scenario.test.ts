import { describe, expect, it } from '@jest/globals'
import { holds, type ScenarioResult } from '../../bench/chaos/scenario.ts'

const CLEAN: ScenarioResult = {
  scenario: 'some/scenario',
  runs: 2,
  acknowledged: 5,
  lost: 0,
  decidedTwice: 0,
  stuck: 0,
  claimedTwice: 0,
  harm: 2,
}

describe('holds', () => {
  it('is so when nothing is held against the queue', () => {
    expect(holds(CLEAN)).toBe(true)
  })

  it.each(['lost', 'decidedTwice', 'stuck', 'claimedTwice'])('is not so with one %s', (fault) => {
    expect(holds({ ...CLEAN, [fault]: 1 })).toBe(false)
  })

  it.each(['acknowledged', 'harm'])('is not so when there was no %s', (missing) => {
    expect(holds({ ...CLEAN, [missing]: 0 })).toBe(false)
  })
})
