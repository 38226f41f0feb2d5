import { refusalDirection } from '@parapet/detectors'
import {
  createModelHost,
  type DecoderModel,
  openModelFolder,
  type ReadSite,
  residPre,
  resolveModelPackage,
  type TokenReading,
} from '@parapet/runtime'
import { measureOnce } from '@parapet/sdk'
import { type Bench, type Figure, median } from './figure.ts'
import { textOf } from './models.bench.ts'

const ROUNDS = 7
const DEEPEST = 16
/** As long as the template's own, and another: what was read of that one is of no use. */
const OTHER_SYSTEM = 'You are a helpful AI assistant named Parapet, who reads along, made for a test'
const SITES: readonly ReadSite[] = [{ site: residPre(DEEPEST), position: 'last' }]

type Calls = Readonly<Record<string, (round: number) => Promise<unknown>>>

/** Median milliseconds of several calls in turn, so that a noisy minute hits all of them. */
async function timeInTurn<Names extends Calls>(calls: Names): Promise<Record<keyof Names, number>> {
  const times = Object.entries(calls).map(([name, call]) => ({ name, call, taken: [] as number[] }))
  for (let round = -1; round < ROUNDS; round++)
    for (const { call, taken } of times) {
      const started = performance.now()
      await call(round)
      if (round >= 0) taken.push(performance.now() - started)
    }
  return Object.fromEntries(times.map(({ name, taken }) => [name, median(taken)])) as Record<
    keyof Names,
    number
  >
}

const user = (content: string) => ({ role: 'user' as const, content })

/** The detector against a full pass of the same file (last-position logits, no prefix cache), and the prefix cache on and off. */
async function lengths(model: DecoderModel, measure: (text: string) => Promise<unknown>): Promise<Figure[]> {
  const figures: Figure[] = []
  for (const tokens of [32, 128, 512]) {
    // The template has 30 tokens of its own.
    const text = (round: number) => textOf(Math.max(tokens - 30, 2), round)
    const time = await timeInTurn({
      detector: (round) => measure(text(round)),
      full: (round) => model.generate({ messages: [user(text(round))], maxNewTokens: 1 }).finished,
      cached: (round) => model.read({ messages: [user(text(round))], sites: SITES }),
      uncached: (round) =>
        model.read({
          messages: [{ role: 'system', content: OTHER_SYSTEM }, user(text(round))],
          sites: SITES,
        }),
    })
    const ratio = (name: string, value: number, bar: object = {}): Figure => ({
      name: `direction/${name}@${tokens}`,
      value,
      unit: 'ratio',
      ...bar,
    })
    figures.push(
      ratio('detector-against-full-pass', time.detector / time.full, { most: tokens > 256 ? 0.6 : 0.5 }),
      ratio('reading-against-full-pass, prefix read anew', time.uncached / time.full, { most: 0.6 }),
      ratio('prefix-cache-on-against-off', time.cached / time.uncached),
    )
  }
  return figures
}

/** An answer that grows by 16 tokens at a time: read behind what was kept, and read anew each time. */
async function streaming(model: DecoderModel): Promise<Figure[]> {
  const steps = 12
  const perStep = 16
  const { hidden } = model.manifest
  const reading: TokenReading = {
    site: residPre(DEEPEST),
    weight: new Float32Array(hidden).fill(1 / hidden),
    bias: 0,
    normalise: 'l2',
  }
  const words = textOf(steps * perStep).split(' ')
  const read = (round: number, bias: number, step: number) =>
    model.readTokens({
      messages: [user(textOf(20, round))],
      sites: SITES,
      readings: [{ ...reading, bias }],
      answer: words.slice(0, (step + 1) * perStep).join(' '),
    })
  const time = await timeInTurn({
    kept: async (round) => {
      for (let step = 0; step < steps; step++) await read(round, 0, step)
    },
    // Another bias each time is another reading: nothing is kept for it.
    anew: async (round) => {
      for (let step = 0; step < steps; step++) await read(round, step + 1 + (round + 2) * steps, step)
    },
    once: (round) => read(round, -1 - round, steps - 1),
  })
  return [
    { name: 'direction/streaming-per-token', value: time.kept / (steps * perStep), unit: 'ms' },
    {
      name: 'direction/streaming-against-reading-anew',
      value: time.kept / time.anew,
      unit: 'ratio',
      most: 0.5,
    },
    {
      name: 'direction/streaming-against-reading-once',
      value: time.kept / time.once,
      unit: 'ratio',
      most: 2,
    },
  ]
}

/** What the refusal direction costs: at three lengths, with and without the prefix cache, and of an answer as it grows. */
export const directionBench: Bench = {
  name: 'direction',
  async run() {
    const host = createModelHost()
    try {
      const folder = await openModelFolder(resolveModelPackage('@parapet/model-sentinel'), 'decoder')
      const model = host.decoder(folder)
      const detector = refusalDirection({ host })
      const loaded = await detector.load()
      const measure = (text: string) => measureOnce({ detector, loaded, stage: 'input', text })
      return [...(await lengths(model, measure)), ...(await streaming(model))]
    } finally {
      await host.close()
    }
  },
}
