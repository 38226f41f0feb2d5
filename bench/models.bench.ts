import { refusalDirection, sentiment, toxicity } from '@parapet/detectors'
import { createModelHost, openModelFolder, resolveModelPackage } from '@parapet/runtime'
import { type Detector, measureOnce } from '@parapet/sdk'
import { type Bench, median } from './figure.ts'

/** A text of so many tokens, give or take a few: common words are one token each. */
export const textOf = (tokens: number, seed = 0): string =>
  Array.from({ length: tokens }, (_, index) => WORDS[(index * 7 + seed * 13) % WORDS.length]).join(' ')
const WORDS =
  'the parcel will reach you in three days if the weather is good and the roads are open again'.split(' ')

/** Median milliseconds of several calls in turn, so that a noisy minute hits all of them. */
async function timeInTurn(calls: Readonly<Record<string, (round: number) => Promise<unknown>>>, rounds = 9) {
  const times = new Map(Object.keys(calls).map((name) => [name, [] as number[]]))
  for (let round = -1; round < rounds; round++)
    for (const [name, call] of Object.entries(calls)) {
      const started = performance.now()
      await call(round)
      if (round >= 0) times.get(name)?.push(performance.now() - started)
    }
  return (name: string) => median(times.get(name) ?? [])
}

/** The classifiers in one pass, and the refusal detector against a full pass of the same file. */
export const modelsBench: Bench = {
  name: 'models',
  async run() {
    const host = createModelHost()
    try {
      const folder = await openModelFolder(resolveModelPackage('@parapet/model-sentinel'), 'decoder')
      const decoder = host.decoder(folder)
      const load = async (detector: Detector) => ({ detector, loaded: await detector.load() })
      const toxic = await load(toxicity({ host }))
      const mood = await load(sentiment({ host }))
      const harm = await load(refusalDirection({ host }))
      const text = (round: number) => textOf(110, round)
      const ask = ({ detector, loaded }: typeof toxic, round: number) =>
        measureOnce({ detector, loaded, stage: 'input', text: text(round) })

      const time = await timeInTurn({
        // Another text each round: what was read before is remembered.
        classifiers: (round) => Promise.all([ask(toxic, round), ask(mood, round)]),
        refusal: (round) => ask(harm, round),
        // The whole model, last-position logits: the first token of an answer.
        full: (round) =>
          decoder.generate({ messages: [{ role: 'user', content: text(round) }], maxNewTokens: 1 }).finished,
      })
      return [
        { name: 'models/classifiers@128', value: time('classifiers'), unit: 'ms', most: 10 },
        { name: 'models/refusal-direction@128', value: time('refusal'), unit: 'ms' },
        { name: 'models/full-pass@128', value: time('full'), unit: 'ms' },
        {
          name: 'models/refusal-against-full-pass',
          value: time('refusal') / time('full'),
          unit: 'ratio',
          most: 0.6,
        },
      ]
    } finally {
      await host.close()
    }
  },
}
