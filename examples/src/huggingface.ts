/** Guards the client of Hugging Face. Offline by a provider that is played here; with HF_TOKEN set, by the real one. */
import { InferenceClient } from '@huggingface/inference'
import { guardHuggingFace } from '@parapet/adapters/huggingface'
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
      release: { windowCharacters: 40 },
    },
  }),
})

/** Answers like a chat route, by what was asked. */
async function played(_: unknown, init?: RequestInit): Promise<Response> {
  const { messages } = JSON.parse(String(init?.body))
  const account = messages.at(-1).content.includes('account')
  const text = account
    ? 'Your account is ACC-204417, and it is in good order.'
    : 'We opened a branch in Oslo in spring, hired ten people, and began project heron in May.'
  const chunk = (delta: object, finish_reason: string | null = null) =>
    `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`
  const words = text.split(/(?<= )/).map((content) => chunk({ content }))
  const body = [...words, chunk({}, 'stop'), 'data: [DONE]\n\n'].join('')
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}

const token = process.env['HF_TOKEN']
const bare =
  token === undefined ? new InferenceClient('hf_none', { fetch: played }) : new InferenceClient(token)
const client = guardHuggingFace(bare, guard)

for (const question of ['Which account is mine?', 'What is new?', 'Tell me about project heron.']) {
  let said = ''
  let reason: string | undefined
  for await (const { choices } of client.chatCompletionStream({
    model: 'meta-llama/Llama-3.1-8B-Instruct',
    messages: [{ role: 'user', content: question }],
    max_tokens: 100,
    parapet: { tenant: 'bank', requestId: crypto.randomUUID() },
  })) {
    said += choices[0]?.delta.content ?? ''
    reason = choices[0]?.finish_reason ?? reason
  }
  console.log(`${reason}: ${said.replaceAll('\n', ' ')}`)
}
await guard.close()
