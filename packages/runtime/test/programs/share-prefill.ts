/**
 * Reads and answers prompts of the decoder in a folder in one graph, and counts the tokens of each pass; prints a line of
 * JSON. A program of its own: onnxruntime refuses the typed arrays of jest's realm.
 */
import { residPre } from '../../src/graph/site.ts'
import { createContinuations } from '../../src/model/continuations.ts'
import { openAnsweringGraph, openReadingGraph, openSharingGraph } from '../../src/model/decoder-graph.ts'
import { answer, readSites } from '../../src/model/decoder-runner.ts'
import { loadChatTemplate, loadTokenizer } from '../../src/model/load-tokenizer.ts'
import { type DecoderModelFolder, openModelFolder } from '../../src/model/model-folder.ts'
import { createPrefills } from '../../src/model/prefills.ts'
import { readTokens } from '../../src/model/read-tokens.ts'
import type { Work } from '../../src/model/work.ts'
import type { ChatMessage } from '../../src/text/chat-message.ts'

const [directory = ''] = process.argv.slice(2)
const folder: DecoderModelFolder = await openModelFolder(directory, 'decoder')
const { manifest } = folder
const text = {
  manifest,
  tokenizer: await loadTokenizer(folder),
  template: await loadChatTemplate(folder),
}
const NEW_TOKENS = 12
const SITES = [
  { site: residPre(2), position: 'last-instruction' as const },
  { site: residPre(3), position: 'last' as const },
]
const READINGS = [
  {
    site: residPre(3),
    weight: Float32Array.from({ length: manifest.hidden }, (_, i) => Math.sin(i)),
    bias: 0,
    normalise: 'none' as const,
  },
]

let passed: number[] = []
let caches = 0
function counting(graph: Awaited<ReturnType<typeof openSharingGraph>>): typeof graph {
  return {
    ...graph,
    createCache(capacity) {
      const cache = graph.createCache(capacity)
      caches += 1
      let open = true
      const release = () => {
        if (open) caches -= 1
        open = false
        cache.release()
      }
      return { ...cache, release }
    },
    pass(ids, ...more) {
      passed.push(ids.length)
      return graph.pass(ids, ...more)
    },
  }
}

async function result<Result>(work: Work<Result, unknown>): Promise<Result> {
  for (;;) {
    const { done, value } = await work.next()
    if (done === true) return value
  }
}

const [reading, answering, sharing] = [
  counting(await openReadingGraph(folder, [2, 3], 1)),
  counting(await openAnsweringGraph(folder, 1)),
  counting(await openSharingGraph(folder, 1)),
]
const user = (content: string): ChatMessage => ({ role: 'user', content })
const settings = { maxNewTokens: NEW_TOKENS, stop: [], temperature: 1, topP: 1, seed: 7 }
const rowsOf = (read: { readonly kind: string; readonly rows?: readonly Float32Array[] }) =>
  (read.rows ?? []).flatMap((row) => [...row])

const prompts = []
for (const messages of [
  [user('Why is the sky blue?')],
  [user('First?'), { role: 'assistant' as const, content: 'Yes.' }, user('Second?')],
  [user('long '.repeat(150))],
]) {
  const prefills = createPrefills(4096)
  const continuations = createContinuations()
  const count = async <Result>(work: Work<Result, unknown>) => {
    passed = []
    return { given: await result(work), passed: [...passed] }
  }
  const apart = {
    read: await count(readSites(text, reading, { messages, sites: SITES })),
    answer: await count(answer(text, answering, { messages, ...settings })),
  }
  const alone = await count(answer(text, sharing, { messages, ...settings }, { prefills }))
  const read = await count(readSites(text, sharing, { messages, sites: SITES }, { prefills }))
  const behind = await count(answer(text, sharing, { messages, ...settings }, { prefills }))
  const tokens = await count(
    readTokens(text, sharing, { messages, sites: SITES, readings: READINGS }, { prefills, continuations }),
  )
  // Read once, answered twice at a time: one takes what was read, the other reads for itself.
  const two = [answer(text, sharing, { messages, ...settings }, { prefills })].concat(
    answer(text, sharing, { messages, ...settings }, { prefills }),
  )
  const both = await Promise.all(two.map(result))
  const half = readSites(text, sharing, { messages, sites: SITES }, { prefills })
  await half.next()
  await half.return({ kind: 'too-long', tokens: 0 })
  await result(readSites(text, sharing, { messages, sites: SITES }, { prefills }))
  const left = answer(text, sharing, { messages, ...settings }, { prefills })
  await left.next()
  await left.return(alone.given)
  const leftOver = caches
  const unopened = { messages, sites: SITES.slice(0, 1), addGenerationPrompt: false }
  await result(readSites(text, sharing, unopened, { prefills }))
  prefills.release()
  const width = Math.max(
    ...rowsOf(read.given).map((value, i) => Math.abs(value - (rowsOf(apart.read.given)[i] ?? Number.NaN))),
  )
  prompts.push({
    tokens: alone.given.promptTokens,
    passed: {
      alone: alone.passed,
      read: read.passed,
      behind: behind.passed,
      tokens: tokens.passed,
    },
    texts: [apart.answer.given.text, alone.given.text, behind.given.text, ...both.map((one) => one.text)],
    reused: [alone.given, behind.given, ...both].map((one) => one.reusedTokens),
    apart: width,
    caches: [leftOver, caches],
  })
}
process.stdout.write(JSON.stringify({ newTokens: NEW_TOKENS, prompts }))
for (const graph of [reading, answering, sharing]) await graph.dispose()
