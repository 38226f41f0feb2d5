/** Prints the figures of a model host on the two shipped models. `node --conditions=@parapet/source bench/run.ts` */
import {
  createModelHost,
  openModelFolder,
  type ReadSite,
  residPre,
  resolveModelPackage,
} from '@parapet/runtime'
import { fullPass, readPrompt, readText, residentMb, timed, underLoad } from './host-figures.ts'

const threads = Number(process.argv[2] ?? 2)
const sites: ReadSite[] = [
  { site: residPre(12), position: 'last-instruction' },
  { site: residPre(16), position: 'last' },
]
const round = (value: unknown) =>
  JSON.stringify(value, (_, inner) => (typeof inner === 'number' ? Math.round(inner * 10) / 10 : inner))
const print = (name: string, value: unknown) => process.stdout.write(`${name.padEnd(34)} ${round(value)}\n`)

const host = createModelHost({ threads })
const encoder = host.encoder(await openModelFolder(resolveModelPackage('@parapet/model-encoder'), 'encoder'))
const decoder = host.decoder(await openModelFolder(resolveModelPackage('@parapet/model-sentinel'), 'decoder'))
let start = performance.now()
await encoder.warm()
print('cold start to first reading, ms', performance.now() - start)
start = performance.now()
await decoder.warm({ sites })
print('loading the reading graph, ms', performance.now() - start)
print('resident, both readers, MB', residentMb(host))
for (const tokens of [32, 128])
  print(`encoder, ${tokens} tokens, ms`, await timed(15, () => readText(encoder, tokens)))
await decoder.warm({ generate: true })
for (const tokens of [32, 64, 128]) {
  const read = await timed(11, () => readPrompt(decoder, sites, tokens))
  const full = await timed(11, () => fullPass(decoder, tokens))
  print(`decoder, ${tokens} tokens, ms`, { read: read.p50, full: full.p50, ratio: read.p50 / full.p50 })
}
start = performance.now()
const { newTokens } = await decoder.generate({
  messages: [{ role: 'user', content: 'Tell me about bread.' }],
  maxNewTokens: 60,
}).finished
print('answer, ms a token', (performance.now() - start) / newTokens)
for (const tokens of [128, 2000, 8000]) {
  print(
    `16 at once, encoder, ${tokens}`,
    await underLoad(16, (request) => readText(encoder, tokens, request)),
  )
}
for (const tokens of [128, 2000]) {
  print(
    `16 at once, decoder, ${tokens}`,
    await underLoad(16, (request) => readPrompt(decoder, sites, tokens, request)),
  )
}
print('resident at the end, MB', residentMb(host))
await host.close()
