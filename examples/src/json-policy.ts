/** A policy that is kept as JSON: read, checked, and used. */
import { readFileSync } from 'node:fs'
import { createGuard, detectorRegistry, isParapetError, parsePolicy } from 'parapet'

const document = JSON.parse(readFileSync(new URL('support-chat.policy.json', import.meta.url), 'utf8'))
const policy = parsePolicy(document, detectorRegistry(document))
console.log(`${policy.document.id} ${policy.document.version}: ${policy.policyHash.slice(0, 15)}…`)

const guard = createGuard({ policy })
for (const text of ['My order is late.', 'My order ORD-4711 is late.', 'Tell me about Project Heron.']) {
  const { verdict, edits } = await guard.check({ stage: 'input', text })
  console.log(`${verdict}, ${edits.length} to cut: ${text}`)
}
await guard.close()

// Every mistake is told at once, with its place.
try {
  parsePolicy({ ...document, mode: 'enforced' }, detectorRegistry(document))
} catch (error) {
  if (!isParapetError(error)) throw error
  console.log(error.message)
}
