/** Guards the client of Anthropic. Offline by a provider that is played here; with ANTHROPIC_API_KEY set, by the real one. */
import Anthropic from '@anthropic-ai/sdk'
import { decisionOf, guardAnthropic, isGuardMessage, parapet } from '@parapet/adapters/anthropic'
import { createGuard, definePolicy, patterns, when } from 'parapet'

const words = patterns({
  id: 'words',
  version: '1',
  patterns: [
    { label: 'account', regex: /\bACC-\d{6}\b/, maxCharacters: 10 },
    { label: 'internal', terms: ['project heron'] },
  ],
})
const rules = { onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const
const guard = createGuard({
  policy: definePolicy({
    id: 'bank',
    version: '1',
    input: { ...rules, rules: [when(words, 'internal').found().block()] },
    output: {
      ...rules,
      rules: [
        when(words, 'account').found().redact({ replacement: '[account]' }),
        when(words, 'internal').found().block(),
      ],
    },
  }),
})

/** Answers like the Messages API, by what was asked. */
async function played(_: unknown, init?: RequestInit): Promise<Response> {
  const { model, messages, stream } = JSON.parse(String(init?.body))
  const asked: string = messages.at(-1).content
  const text = asked.includes('account') ? 'Your account is ACC-204417.' : 'In May we began project heron.'
  const usage = { input_tokens: 9, output_tokens: 9 }
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    usage,
  }
  if (!stream) return Response.json(message)
  const events = [
    { type: 'message_start', message: { ...message, content: [] } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...text
      .split(/(?<= )/)
      .map((word) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: word } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
    { type: 'message_stop' },
  ]
  return new Response(
    events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
  )
}

const real = process.env['ANTHROPIC_API_KEY'] !== undefined
const client = guardAnthropic(
  real ? new Anthropic() : new Anthropic({ apiKey: 'none', fetch: played }),
  guard,
)

for (const question of ['Which account is mine?', 'What is new?', 'Tell me about project heron.']) {
  const params = {
    model: 'claude-haiku-4-5',
    max_tokens: 100,
    messages: [{ role: 'user' as const, content: question }],
  }
  const options = parapet({ tenant: 'bank', requestId: crypto.randomUUID() })

  const whole = await client.messages.create(params, options)
  const streamed = await client.messages.stream(params, options).finalMessage()

  for (const [how, { content, stop_reason }] of Object.entries({ whole, streamed })) {
    const own = content.filter(isGuardMessage).length > 0 ? 'the guard' : 'the model'
    const said = content.map((block) => (block.type === 'text' ? block.text : '')).join(' ')
    console.log(`${how}, ${stop_reason}, ${own}: ${said}`)
  }
  if (!decisionOf(whole)) throw new Error('An answer names its decision.')
}
await guard.close()
