/** Judges single texts, with no chat provider in sight: comments, tickets, log lines. */
import { closeModels, createGuard, definePolicy, secrets, toxicity, when } from 'parapet'

const policy = definePolicy({
  id: 'comments',
  version: '1',
  input: {
    rules: [when(toxicity(), 'toxic').above(0.8).block(), when(secrets()).found().redact()],
    onError: 'block',
    onAbstain: 'block',
    budgetMs: 10_000,
  },
})
const guard = createGuard({ policy })
await guard.warm()

const COMMENTS = [
  'The new version starts much faster. Thank you!',
  'You are a stupid, worthless idiot and nobody likes you.',
  'It fails with the key AKIAQ4LBZ7TNR5JXK2WM in my settings.',
]
for (const text of COMMENTS) {
  const { verdict, edits, reasons } = await guard.check({ stage: 'input', text })
  const because = reasons.map((reason) => (reason.kind === 'rule' ? reason.label : reason.kind))
  console.log(`${verdict}, ${edits.length} to cut: ${because.join(', ') || 'nothing found'}`)
}

await guard.close()
await closeModels()
