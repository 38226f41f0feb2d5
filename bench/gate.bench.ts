import { createGuard, type Detector, definePolicy, type Guard, when } from '@parapet/sdk'
import { type Bench, type Figure, timePerCall } from './figure.ts'

/** A detector that answers at once, so that what is timed is the gate. */
const instant: Detector<'bad'> = {
  descriptor: {
    id: 'instant',
    version: '1',
    labels: ['bad'],
    options: {},
    coverage: { stages: ['output'], languages: 'any', maxCharacters: 10_000_000 },
    tier: 'pattern',
    contextCharacters: 0,
    maxSpanCharacters: 100,
  },
  load: async () => ({
    digest: 'sha256:instant',
    measure: async () => ({ kind: 'scored', scores: { bad: 0 } }),
  }),
}

async function streamAnswer(guard: Guard, chunks: number, { perBlock = chunks } = {}): Promise<void> {
  const gate = guard.exchange({ messages: [{ role: 'user', content: 'hi' }] }).gate()
  for (let index = 0; index < chunks; index++) {
    const id = String(Math.floor(index / perBlock))
    await gate.push(id, 'output', 'word ')
    if ((index + 1) % perBlock === 0) await gate.endPart(id)
  }
  await gate.end()
}

/**
 * The gate per chunk of five characters, in windows of 2,000, at two lengths: it must stay flat. And an answer in blocks of 50
 * chunks against the same answer in one.
 */
export const gateBench: Bench = {
  name: 'gate',
  async run() {
    const policy = definePolicy({
      id: 'bench',
      version: '1',
      output: {
        rules: [when(instant, 'bad').above(1).block()],
        onError: 'block',
        onAbstain: 'block',
        budgetMs: 60_000,
        release: { windowCharacters: 2_000 },
      },
    })
    const guard = createGuard({ policy, memoEntries: 0 })
    const figures: Figure[] = []
    for (const chunks of [1_000, 100_000]) {
      const perChunk = (await timePerCall(() => streamAnswer(guard, chunks), { rounds: 5 })) / chunks
      figures.push({ name: `gate/per-chunk@${chunks}`, value: perChunk * 1_000, unit: 'µs', most: 5 })
    }
    const inBlocks = await timePerCall(() => streamAnswer(guard, 10_000, { perBlock: 50 }), { rounds: 5 })
    const inOne = await timePerCall(() => streamAnswer(guard, 10_000), { rounds: 5 })
    figures.push({ name: 'gate/in-blocks-against-one', value: inBlocks / inOne, unit: 'ratio' })
    return figures
  },
}
