/** Guards a provider of one's own, by a function that asks it: here a server that answers in lines of JSON. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type ChatFunction, guardFunction } from '@parapet/adapters/function'
import { createGuard, definePolicy, patterns, when } from 'parapet'

const orders = patterns({
  id: 'orders',
  version: '1',
  patterns: [
    { label: 'order', regex: /\bORD-\d{4}\b/, maxCharacters: 8 },
    { label: 'internal', terms: ['project heron'] },
  ],
})
const stage = { onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const
const policy = definePolicy({
  id: 'shop',
  version: '1',
  input: { ...stage, rules: [when(orders, 'internal').found().block()] },
  output: {
    ...stage,
    rules: [
      when(orders, 'order').found().redact({ replacement: '[order]' }),
      when(orders, 'internal').found().block(),
    ],
    release: { windowCharacters: 40 },
  },
})

/** The provider: yours is elsewhere, and speaks its own protocol. */
const ANSWERS: Readonly<Record<string, string>> = {
  'Where is my order?': 'Your order ORD-4711 left the warehouse this morning and comes on Friday.',
  'What is new?': 'We moved to a larger office, hired ten people, and began project heron in May.',
}
async function answerIn(response: ServerResponse, request: IncomingMessage): Promise<void> {
  const { messages } = JSON.parse((await request.toArray()).join(''))
  const answer = ANSWERS[messages.at(-1).content] ?? 'I do not know.'
  for (let at = 0; at < answer.length; at += 9)
    response.write(`${JSON.stringify({ text: answer.slice(at, at + 9) })}\n`)
  response.end('{"done":true}\n')
}
const server = createServer((request, response) => void answerIn(response, request))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** All that an adapter needs. A stream that breaks off must throw: one that ends is taken for whole. */
const askProvider: ChatFunction = async function* (messages, { signal }) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ messages }), signal })
  if (!response.ok || !response.body) throw new Error(`The provider answered with ${response.status}.`)
  let done = false
  for await (const line of createInterface({ input: Readable.fromWeb(response.body as never) })) {
    const event = JSON.parse(line)
    if (event.done) done = true
    else yield event.text
  }
  if (!done) throw new Error('The provider’s stream broke off.')
}

const guard = createGuard({ policy, speculate: true })
const chat = guardFunction(guard, askProvider)

const answer = await chat([{ role: 'user', content: 'Where is my order?' }])
console.log(`${answer.kind}: ${answer.text}`)

for await (const event of chat.stream([{ role: 'user', content: 'What is new?' }]))
  console.log(event.kind === 'text' ? `text: ${event.text}` : `the stream ends ${event.kind}`)

const refused = await chat([{ role: 'user', content: 'Tell me about project heron.' }])
if (refused.kind === 'blocked') console.log(`blocked: ${refused.message}`)

await guard.close()
server.closeAllConnections()
server.close()
