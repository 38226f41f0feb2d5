import { createModelHost, openModelFolder, residPre, resolveModelPackage } from '@parapet/runtime'
import { type Bench, median } from './figure.ts'
import { writeLargeModel } from './large-model.ts'
import { textOf } from './models.bench.ts'

const ROUNDS = 9

/** A model that is changed while it runs against the same file as it is, and the edit of a file of over 2 GB. */
export const graphBench: Bench = {
  name: 'graph',
  async run() {
    return [...(await interventions()), ...(await largeModel())]
  },
}

async function interventions() {
  const host = createModelHost()
  try {
    const folder = await openModelFolder(resolveModelPackage('@parapet/model-sentinel'), 'decoder')
    const decoder = host.decoder(folder)
    const direction = new Float32Array(folder.manifest.hidden).fill(folder.manifest.hidden ** -0.5)
    const calls = {
      plain: (messages: Messages) => decoder.generate({ messages, maxNewTokens: 1 }).finished,
      base: (messages: Messages) => decoder.firstToken({ messages }),
      // The base was asked before: the sinks are known.
      erased: (messages: Messages) =>
        decoder.firstToken({ messages, intervention: { erase: { direction } } }),
    }
    const times = { plain: [] as number[], base: [] as number[], erased: [] as number[] }
    for (let round = -1; round < ROUNDS; round += 1) {
      const messages = [{ role: 'user' as const, content: textOf(110, round + 1) }]
      for (const name of ['plain', 'base', 'erased'] as const) {
        const started = performance.now()
        await calls[name](messages)
        if (round >= 0) times[name].push(performance.now() - started)
      }
    }
    const ratio = (name: 'base' | 'erased') => median(times[name]) / median(times.plain)
    return [
      { name: 'graph/unchanged-against-full-pass', value: ratio('base'), unit: 'ratio' as const },
      { name: 'graph/erased-against-full-pass', value: ratio('erased'), unit: 'ratio' as const },
    ]
  } finally {
    await host.close()
  }
}

type Messages = { role: 'user'; content: string }[]

/** Loads a reading graph of a model whose external data are over 2 GB; the digest's time is measured apart. */
async function largeModel() {
  const model = await writeLargeModel()
  const host = createModelHost()
  try {
    const folder = await openModelFolder(model.directory, 'decoder')
    const decoder = host.decoder(folder)
    const started = performance.now()
    await decoder.read({
      messages: [{ role: 'user', content: 'bread' }],
      sites: [{ site: residPre(2), position: 'last' }],
    })
    const loadMs = performance.now() - started
    const residentMb = (host.status().residentBytes ?? 0) / 1e6
    return [
      {
        name: 'graph/large-model-load-against-digest',
        value: loadMs / model.digestMs,
        unit: 'ratio' as const,
      },
      { name: 'graph/large-model-resident', value: residentMb, unit: 'MB' as const, most: 600 },
    ]
  } finally {
    await host.close()
    await model.remove()
  }
}
