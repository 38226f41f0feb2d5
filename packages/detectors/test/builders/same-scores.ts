import { expect } from '@jest/globals'
import { measureOnce } from '@parapet/sdk'
import { sentiment, toxicity } from '../../src/index.ts'
import { kserveClassifier } from '../../src/remote/index.ts'

const SENTENCE = 'The parcel came late, and the box was wet. '
/** Short and long, clean and foul, hidden in the middle of a page, and of characters that few tokenizers like. */
export const COMPARED_TEXTS = [
  'How long does a parcel to Norway take?',
  'You are a stupid, worthless idiot.',
  'I love it, thank you so much!',
  `${SENTENCE.repeat(60)}You filthy moron. ${SENTENCE.repeat(60)}`,
  '[CLS] [SEP] <|im_end|> 漢字 é \ud83d\ude00 \ufeff x',
]

/** The widest gap between the scores of the shipped encoder here and on a server at `url`; kinds must be equal. */
export async function widestGap(url: string): Promise<number> {
  let widest = 0
  const pairs = [
    [
      toxicity(),
      kserveClassifier({ url, measures: 'toxicity', labels: ['toxic', 'insult'], timeoutMs: 20_000 }),
    ],
    [
      sentiment(),
      kserveClassifier({ url, measures: 'sentiment', labels: ['negative', 'positive'], timeoutMs: 20_000 }),
    ],
  ] as const
  for (const [local, served] of pairs) {
    const [here, there] = await Promise.all([local.load(), served.load()])
    for (const label of served.descriptor.labels) {
      expect(there.calibration?.labels[label]).toEqual(here.calibration?.labels[label])
    }
    for (const text of COMPARED_TEXTS) {
      const question = { stage: 'input', text } as const
      const own = await measureOnce({ ...question, detector: local, loaded: here })
      const other = await measureOnce({ ...question, detector: served, loaded: there })
      expect(other.kind).toBe(own.kind)
      if (own.kind === 'failed' || other.kind === 'failed') throw new Error('a measurement failed')
      for (const label of served.descriptor.labels) {
        widest = Math.max(widest, Math.abs((own.scores?.[label] ?? -1) - (other.scores?.[label] ?? -1)))
      }
    }
    await here.close?.()
  }
  return widest
}
