import { describe, expect, it } from '@jest/globals'
import { contains, type Script, scripted } from '../../../test/scripted.ts'
import type { Detector } from '../../detector/detector.ts'
import { detectorContract } from './detector-contract.ts'

const texts = ['a good text', 'a bad text']
const contractOf = (make: () => Detector) => detectorContract(make, { texts })

describe('the detector contract', () => {
  describe('on a sound detector', () => {
    for (const { name, run } of contractOf(() => scripted(contains('bad')))) it(name, run)
  })

  /** Each row breaks one thing, and must fail a case of that name. */
  const BROKEN: readonly (readonly [string, () => Detector])[] = [
    [
      'measures ordinary texts within the contract',
      () => scripted(() => ({ kind: 'scored', scores: { bad: 2 } })),
    ],
    [
      'measures a lone surrogate within the contract',
      () =>
        scripted(({ text }) => ({
          kind: 'scored',
          scores: { bad: encodeURIComponent(text).length > 0 ? 1 : 0 },
        })),
    ],
    [
      'gives the same scores for the same text, alone and among others',
      () => {
        let calls = 0
        const drifting: Script = () => ({ kind: 'scored', scores: { bad: (calls++ % 7) / 10 } })
        return scripted(drifting)
      },
    ],
    ['describes itself whole, as plain data', () => scripted(contains('bad'), { labels: [] })],
    [
      'has one digest for one binding',
      () => scripted(contains('bad'), {}, { digest: 'sha256:'.slice(0, 5) }),
    ],
    [
      'calibrates only labels that it has, with scores in order',
      () =>
        scripted(
          contains('bad'),
          {},
          { calibration: { labels: { bad: { n: 2, tail: [0.1, 0.9], shipped: 0.5 } } } },
        ),
    ],
  ]
  it.each(BROKEN)('fails "%s" for a detector that does not', async (name, make) => {
    const found = contractOf(make).find((contractCase) => contractCase.name === name)

    await expect(found?.run()).rejects.toThrow()
  })
})
