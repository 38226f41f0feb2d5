import { describe, expect, it } from '@jest/globals'
import { scripted } from '../../test/scripted.ts'
import { measureOnce } from './measure-once.ts'

const covering = (maxCharacters: number) => ({
  coverage: { stages: ['input' as const], languages: 'any' as const, maxCharacters },
})

describe('measureOnce', () => {
  it('abstains from a text that is too long, with the scores of its beginning', async () => {
    const detector = scripted(
      ({ text }) => ({ kind: 'scored', scores: { bad: text.length / 100 } }),
      covering(50),
    )

    const measurement = await measureOnce({
      detector,
      loaded: await detector.load(),
      stage: 'input',
      text: 'a'.repeat(60),
    })

    expect(measurement).toEqual({ kind: 'abstained', reason: 'length', scores: { bad: 0.5 } })
  })

  it('finds how much a detector reads that knows its limit only when asked', async () => {
    const detector = scripted(
      ({ text }) =>
        text.length > 20 ? { kind: 'abstained', reason: 'length' } : { kind: 'scored', scores: { bad: 1 } },
      covering(1_000),
    )

    const measurement = await measureOnce({
      detector,
      loaded: await detector.load(),
      stage: 'input',
      text: 'a'.repeat(64),
    })

    expect(measurement).toEqual({ kind: 'abstained', reason: 'length', scores: { bad: 1 } })
    expect(detector.asked.map((text) => text.length)).toEqual([64, 64, 32, 16])
  })

  it('gives up on a detector that reads nothing', async () => {
    const detector = scripted(() => ({ kind: 'abstained', reason: 'length' }), covering(1_000))

    const measurement = await measureOnce({
      detector,
      loaded: await detector.load(),
      stage: 'input',
      text: 'a'.repeat(64),
    })

    expect(measurement).toEqual({ kind: 'abstained', reason: 'length' })
  })
})
