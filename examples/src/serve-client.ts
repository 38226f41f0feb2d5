/** The guard as a web server, and a client that knows nothing of Parapet but its routes: any language can do the same. */
import { measurementTap, serve } from '@parapet/adapters/server'
import { createGuard, definePolicy, memoryQueue, patterns, when } from 'parapet'

const words = patterns({
  id: 'words',
  version: '1',
  patterns: [
    { label: 'project', regex: /\bproject heron\b/i, maxCharacters: 13 },
    { label: 'account', regex: /\bDE\d{20}\b/, maxCharacters: 22 },
  ],
})
const stage = {
  rules: [
    when(words, 'project').found().block(),
    when(words, 'account').found().redact({ replacement: '[account]' }),
  ],
  onError: 'block',
  onAbstain: 'block',
  budgetMs: 1_000,
} as const
const policy = definePolicy({ id: 'desk', version: '1', input: stage, output: stage })

// One key for each caller; its tenant keeps what is stored apart. `parapet serve` reads them from a file.
const key = 'example-key-0123456789-abcdef'
const tap = measurementTap()
const queue = memoryQueue()
const guard = createGuard({ policy, queue, records: tap.records })
const server = await serve(guard, { keys: [{ tenant: 'example', key }], queue, tap, port: 0 })

async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return (await response.json()) as Record<string, unknown>
}

const checked = await post('/v1/check', { stage: 'input', text: 'What is Project Heron?' })
console.log(`check: ${checked['verdict']}`)

const input = await post('/v1/input', {
  messages: [{ role: 'user', content: 'Pay from DE89370400440532013000, please.' }],
})
console.log(
  `input: ${input['kind']}, ${JSON.stringify((input['messages'] as { content: unknown }[])[0]?.content)}`,
)

const moderated = await post('/v1/moderations', { input: ['Good morning', 'What is Project Heron?'] })
console.log(
  `moderations: ${(moderated['results'] as { flagged: boolean }[]).map(({ flagged }) => flagged).join(', ')}`,
)

// An answer through the gate, line by line; what comes back may be shown.
const lines = [
  { kind: 'start', messages: [{ role: 'user', content: 'Where do I pay to?' }] },
  { kind: 'text', part: '0', text: 'To DE8937040044' },
  { kind: 'text', part: '0', text: '0532013000.' },
]
const streamed = await fetch(`${server.url}/v1/check/stream`, {
  method: 'POST',
  headers: { 'x-parapet-key': key, 'content-type': 'application/x-ndjson' },
  body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
})
for (const line of (await streamed.text()).trim().split('\n')) {
  const { kind, text } = JSON.parse(line) as { kind: string; text?: string }
  console.log(`stream: ${kind}${text === undefined ? '' : `, ${text}`}`)
}

const refused = await fetch(`${server.url}/v1/check`, { method: 'POST' })
console.log(`without a key: ${refused.status}`)

await server.close()
await guard.close()
await queue.close()
