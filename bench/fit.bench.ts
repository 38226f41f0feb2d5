import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fitDirection, promptSet } from '@parapet/lab'
import { createModelHost, openModelFolder, resolveModelPackage } from '@parapet/runtime'
import { type Bench, median } from './figure.ts'

const PLACES =
  'Oslo Lima Rome Cairo Perth Kyoto Quito Paris Delhi Accra Tunis Turin Bonn Graz Riga Split Porto Cork Bath Nice'
const asked = PLACES.split(' ').map((place) => `Name two things to see in ${place} on a rainy day.`)
const told = PLACES.split(' ').map((place) => `Write one short line about the weather in ${place}.`)
/** Both kinds are harmless: what a candidate costs does not hang on what is found. */
const VALIDATION = 4
const PASSES = 3 * VALIDATION

/** What weighing one candidate costs in `fitDirection` on the shipped sentinel, beside as many plain passes through it. */
export const fitBench: Bench = {
  name: 'fit',
  async run() {
    const host = createModelHost()
    const out = mkdtempSync(join(tmpdir(), 'parapet-fit-bench-'))
    try {
      const model = resolveModelPackage('@parapet/model-sentinel')
      const decoder = host.decoder(await openModelFolder(model, 'decoder'))
      async function plainPasses(): Promise<number> {
        const started = performance.now()
        for (let pass = 0; pass < PASSES; pass++)
          await decoder.firstToken({
            messages: [{ role: 'user', content: asked[pass % asked.length] ?? '' }],
          })
        return performance.now() - started
      }
      // Loaded once, then measured on both sides of the run: other work on the machine hits all of it.
      await plainPasses()
      const before = await plainPasses()
      const times: number[] = []
      let last = 0
      const options = { model, harmful: promptSet(asked), harmless: promptSet(told), out, host, klBound: 1e6 }
      await fitDirection({
        ...options,
        method: 'cosmic',
        train: 8,
        validation: VALIDATION,
        test: 4,
        shortlist: 6,
        onProgress({ name, done }) {
          // The first candidate waits for the untouched model's passes too.
          if (name === 'candidates' && done > 1) times.push(performance.now() - last)
          last = performance.now()
        },
      })
      const plain = (before + (await plainPasses())) / 2
      return [
        { name: `fit/candidate@${VALIDATION}+${VALIDATION}-prompts`, value: median(times), unit: 'ms' },
        { name: 'fit/candidate-against-plain-passes', value: median(times) / plain, unit: 'ratio' },
      ]
    } finally {
      await host.close()
      rmSync(out, { recursive: true })
    }
  },
}
