/** A detector of your own, held to the contract that every detector keeps. */
import { detectorContract } from '@parapet/sdk/testing'
import { createGuard, type Detector, definePolicy, digestOf, when } from 'parapet'

/** How much of a text is shouted: the share of its letters that are capitals, in texts of ten letters or more. */
function shouting(): Detector<'shouted'> {
  return {
    descriptor: {
      id: 'shouting',
      version: '1',
      labels: ['shouted'],
      options: {},
      coverage: { stages: ['input', 'output'], languages: 'any', maxCharacters: 100_000 },
      tier: 'pattern',
      contextCharacters: 0,
    },
    load: async () => ({
      // Whatever the scores depend on goes into the digest: raise the version when the code changes.
      digest: digestOf(['shouting', '1']),
      async measure({ text }, { signal }) {
        signal.throwIfAborted()
        const letters = text.match(/\p{L}/gu)?.length ?? 0
        const capitals = text.match(/\p{Lu}/gu)?.length ?? 0
        return { kind: 'scored', scores: { shouted: letters < 10 ? 0 : capitals / letters } }
      },
    }),
  }
}

// In a test of yours: for (const { name, run } of cases) it(name, run)
const cases = detectorContract(shouting, { texts: ['Where is my parcel?', 'WHERE IS MY PARCEL?'] })
for (const { run } of cases) await run()
console.log('keeps the contract')

const policy = definePolicy({
  id: 'polite',
  version: '1',
  // The compiler knows the labels: when(shouting(), 'shoutd') does not compile.
  input: {
    rules: [when(shouting(), 'shouted').above(0.7).flag()],
    onError: 'block',
    onAbstain: 'flag',
    budgetMs: 500,
  },
})
const guard = createGuard({ policy })
for (const text of ['Where is my parcel?', 'WHERE IS MY PARCEL?']) {
  const { verdict, duties } = await guard.check({ stage: 'input', text })
  console.log(`${verdict}${duties.map(({ kind }) => ` and ${kind}`).join('')}: ${text}`)
}
await guard.close()
