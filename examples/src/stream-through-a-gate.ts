/** Guards a provider that has no adapter: whatever gives you text piece by piece. */
import { createGuard, definePolicy, type GateStep, patterns, when } from 'parapet'

const accounts = patterns({
  id: 'accounts',
  version: '1',
  patterns: [
    { label: 'account', regex: /\bACC-\d{6}\b/, maxCharacters: 10 },
    { label: 'internal', terms: ['project heron'] },
  ],
})
const rules = { onError: 'block', onAbstain: 'block', budgetMs: 1_000 } as const
const policy = definePolicy({
  id: 'bank',
  version: '1',
  input: { ...rules, rules: [when(accounts, 'internal').found().block()] },
  output: {
    ...rules,
    rules: [
      when(accounts, 'account').found().redact({ replacement: '[account]' }),
      when(accounts, 'internal').found().block(),
    ],
    release: { windowCharacters: 40 },
  },
})
const guard = createGuard({ policy })

/** Your provider's stream stands here. */
async function* provider(answer: string): AsyncGenerator<string> {
  for (let at = 0; at < answer.length; at += 7) yield answer.slice(at, at + 7)
}

async function ask(question: string, answer: string): Promise<void> {
  const exchange = guard.exchange({ messages: [{ role: 'user', content: question }] })
  const input = await exchange.input()
  if (input.kind !== 'released') return console.log(`input ${input.kind}: ${input.message}`)

  const gate = exchange.gate()
  let released = ''
  const emit = (step: GateStep): GateStep => {
    for (const { text } of step.release) released += text
    return step
  }
  // `input.content` is what the provider may see: edits are in it.
  try {
    for await (const delta of provider(answer)) {
      const step = emit(await gate.push('answer', 'output', delta))
      // Leaving the loop ends the provider's generator; with a client, abort its request.
      if (step.kind !== 'open') return console.log(`output ${step.kind} after ${JSON.stringify(released)}`)
    }
  } catch (error) {
    await gate.cancel() // the provider failed: what was decided so far is recorded
    throw error
  }
  const end = emit(await gate.end())
  console.log(`output ${end.kind}: ${released}`)
}

await ask('Which account is mine?', 'Your account is ACC-204417, and it is in good order.')
await ask(
  'What is new?',
  'We opened a branch in Oslo in spring, hired ten people, and began project heron in May.',
)
await ask('Tell me about project heron.', 'This is never asked for.')
await guard.close()
