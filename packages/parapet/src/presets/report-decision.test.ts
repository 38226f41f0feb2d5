import { describe, expect, it } from '@jest/globals'
import type { DecisionBody } from '@parapet/sdk'
import { describeDecision } from './report-decision.ts'

type Given = Partial<DecisionBody['decision']>

const body = (decision: Given, mode: DecisionBody['mode'] = 'shadow') =>
  ({
    mode,
    decision: { id: 'd1', verdict: 'allow', edits: [], duties: [], reasons: [], ...decision },
  }) as unknown as DecisionBody

describe('describeDecision', () => {
  it('is silent where nothing comes of a decision', () => {
    expect(describeDecision(body({}))).toBeUndefined()
  })

  it('names what would be done and why', () => {
    const reasons: Given['reasons'] = [
      {
        kind: 'rule',
        part: 0,
        stage: 'input',
        rule: 'r',
        detector: 'toxicity',
        label: 'toxic',
        score: 0.98,
        threshold: 0.9,
        action: 'block',
      },
      { kind: 'abstained', part: 0, stage: 'input', detector: 'attack', reason: 'language', action: 'flag' },
      { kind: 'failed', part: 0, stage: 'input', detector: 'harm', code: 'PARAPET_X_Y', action: 'block' },
    ]
    const duties = [
      { kind: 'flag' as const, rule: 'a' },
      { kind: 'flag' as const, rule: 'b' },
    ]

    expect(describeDecision(body({ verdict: 'block', reasons, duties }))).toBe(
      'parapet, in shadow, would block and flag (input: toxicity toxic 0.9800 ≥ 0.9000, block; input: attack abstained (language), flag; input: harm failed (PARAPET_X_Y), block); decision d1',
    )
  })

  it('says that it was done where the policy is enforced', () => {
    expect(describeDecision(body({ verdict: 'hold' }, 'enforce'))).toBe(
      'parapet decided to hold (); decision d1',
    )
  })
})
