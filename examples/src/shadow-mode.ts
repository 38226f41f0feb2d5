/** A guard before there is a policy: it changes nothing, and says what the standard preset would have done. */
import { closeModels, createDefaultGuard, describeDecision } from 'parapet'

const seen: string[] = []
const guard = createDefaultGuard({
  onDecision: (body) => seen.push(describeDecision(body) ?? 'parapet, in shadow, would do nothing'),
})
await guard.warm()

const exchange = guard.exchange({ messages: [{ role: 'user', content: 'Which key did I use last?' }] })
const input = await exchange.input()
const answer = await exchange.answer({
  parts: [{ stage: 'output', text: 'The last one was AKIAQ4LBZ7TNR5JXK2WM.' }],
})
console.log(`input ${input.kind}, answer ${answer.kind}: ${answer.parts.join('')}`)
for (const line of seen) console.log(line.replace(/decision .*/, 'decision …'))

await guard.close()
await closeModels()
