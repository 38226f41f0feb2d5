/** The client of `openai`, guarded. Offline, against a server in this program; with OPENAI_API_KEY, against OpenAI. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { guardOpenAI, parapetHeaders, parapetOf } from '@parapet/adapters/openai'
import OpenAI from 'openai'
import { createGuard, definePolicy, patterns, secrets, when } from 'parapet'

const internal = patterns({
  id: 'internal',
  version: '1',
  patterns: [{ label: 'internal', terms: ['project heron'] }],
})
const rules = { onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const
const policy = definePolicy({
  id: 'assistant',
  version: '1',
  input: { ...rules, rules: [when(internal, 'internal').found().block(), when(secrets()).found().redact()] },
  output: { ...rules, rules: [when(internal, 'internal').found().block(), when(secrets()).found().redact()] },
})
const guard = createGuard({ policy })

/** A provider that says the last message again, streamed or not. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { stream, messages } = (await json(request)) as { stream?: boolean; messages: { content: string }[] }
  const content = `You said: ${messages.at(-1)?.content}`
  const head = { id: 'chatcmpl-1', created: 1, model: 'echo' }
  if (!stream) {
    response.setHeader('content-type', 'application/json')
    const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }
    response.end(JSON.stringify({ ...head, object: 'chat.completion', choices: [choice] }))
    return
  }
  response.setHeader('content-type', 'text/event-stream')
  const say = (delta: object, reason: string | null) => {
    const choices = [{ index: 0, delta, finish_reason: reason }]
    response.write(`data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices })}\n\n`)
  }
  for (let at = 0; at < content.length; at += 7) say({ content: content.slice(at, at + 7) }, null)
  say({}, 'stop')
  response.end('data: [DONE]\n\n')
}
const provider = createServer((request, response) => void answer(request, response))

const key = process.env['OPENAI_API_KEY']
if (!key) await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening))
const { port } = (provider.address() as AddressInfo | null) ?? { port: 0 }
const own = key ? new OpenAI() : new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${port}/v1` })

// The guarded client has the client's own type and settings.
const client = guardOpenAI(own, guard)
const model = key ? 'gpt-5-mini' : 'echo'
const ask = (content: string) => ({ model, messages: [{ role: 'user' as const, content }] })
// Whom a call is for goes with the call, and not to the provider.
const options = { headers: parapetHeaders({ tenant: 'acme', subjectKey: 'user-7', locale: 'en' }) }

const whole = await client.chat.completions.create(ask('My key is AKIAQ4LBZ7TNR5JXK2WM.'), options)
console.log(`whole: ${whole.choices[0]?.message.content}`)

let streamed = ''
for await (const chunk of await client.chat.completions.create(
  { ...ask('Good morning!'), stream: true },
  options,
))
  streamed += chunk.choices[0]?.delta.content ?? ''
console.log(`streamed: ${streamed}`)

const blocked = await client.chat.completions.create(ask('Tell me about project heron.'), options)
const [choice] = blocked.choices
console.log(`${choice?.finish_reason}: ${choice?.message.content}`)
console.log(`decision: ${parapetOf(blocked) ? 'named' : 'unknown'}`)

const refused: unknown = await client.completions.create({ model, prompt: 'Hi' }).catch((error) => error)
console.log(`legacy completions: ${(refused as { code?: string }).code}`)

await guard.close()
provider.close()
