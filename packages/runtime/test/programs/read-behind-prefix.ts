/**
 * Reads conversations of the decoder in a folder, once whole and once behind the template's opening, and prints a line of
 * JSON. A program of its own: onnxruntime refuses the typed arrays of jest's realm.
 */
import { residPre } from '../../src/graph/site.ts'
import { openReadingGraph } from '../../src/model/decoder-graph.ts'
import { readSites } from '../../src/model/decoder-runner.ts'
import { loadChatTemplate, loadTokenizer } from '../../src/model/load-tokenizer.ts'
import { type DecoderModelFolder, openModelFolder } from '../../src/model/model-folder.ts'
import { opensWith, type PromptPrefix, readPromptPrefix } from '../../src/model/prompt-prefix.ts'
import type { ChatMessage } from '../../src/text/chat-message.ts'

const [directory = ''] = process.argv.slice(2)
const folder: DecoderModelFolder = await openModelFolder(directory, 'decoder')
const text = {
  manifest: folder.manifest,
  tokenizer: await loadTokenizer(folder),
  template: await loadChatTemplate(folder),
}
const opened = await openReadingGraph(folder, [2, 3], 1)
const passed: number[] = []
const graph: typeof opened = {
  ...opened,
  pass(ids, ...more) {
    passed.push(ids.length)
    return opened.pass(ids, ...more)
  },
}
const prefix = await readPromptPrefix(text, graph)
if (!prefix) throw new Error('the template has an opening')

async function read(messages: readonly ChatMessage[], known?: PromptPrefix) {
  passed.length = 0
  const sites = [
    { site: residPre(2), position: 'last-instruction' as const },
    { site: residPre(3), position: 'last' as const },
  ]
  const work = readSites(text, graph, { messages, sites }, { prefix: known })
  for (;;) {
    const { done, value } = await work.next()
    if (done !== true) continue
    if (value?.kind !== 'read') throw new Error('too long')
    return { tokens: value.tokens, passed: [...passed], row: value.rows.flatMap((row) => [...row]) }
  }
}

const user = (content: string): ChatMessage => ({ role: 'user', content })
const conversations = [
  [user('Why is the sky blue?')],
  [user('x')],
  [user('\n\nAfter two lines')],
  [user('First?'), { role: 'assistant' as const, content: 'Yes.' }, user('Second?')],
  [user('Why is the sky blue?')],
  [{ role: 'system' as const, content: 'Answer in one word.' }, user('Why?')],
  [user('long '.repeat(80))],
]
const readings = []
for (const messages of conversations) {
  const whole = await read(messages)
  const behind = await read(messages, prefix)
  readings.push({
    tokens: whole.tokens,
    whole: whole.passed,
    behind: behind.passed,
    apart: Math.max(...whole.row.map((value, index) => Math.abs(value - (behind.row[index] ?? Number.NaN)))),
  })
}
const { ids } = prefix
process.stdout.write(
  JSON.stringify({
    length: ids.length,
    alone: opensWith(ids, prefix),
    followed: opensWith([...ids, 1], prefix),
    readings,
  }),
)
await graph.dispose()
