/**
 * A chat whose held answer appears when a person releases it: the handlers of `examples/next-held-chat`, a Next.js app, asked
 * here as its page asks them.
 */
import { createGuard, memoryQueue } from 'parapet'
import { chatRoutes } from '../next-held-chat/lib/chat-routes.ts'
import { answer, policy, routes } from '../next-held-chat/lib/policy.ts'

const queue = memoryQueue()
const guard = createGuard({ policy, queue, routes })
const handlers = chatRoutes({ guard, queue, answer })
const at = (path: string, body?: object) =>
  new Request(`https://chat.example${path}`, body && { method: 'POST', body: JSON.stringify(body) })
const read = async (response: Response) => (await response.json()) as Record<string, string>
const decide = async (
  reviewer: string,
  decision: { outcome: 'reject' } | { outcome: 'edit'; answer: string },
) => {
  const claim = await queue.claim({ reviewer, team: 'pharmacists' })
  if (claim) await queue.decide({ id: claim.item.id, token: claim.token, ...decision })
}

const question = { prompt: 'How many may I take?', requestId: '1' }
const asked = await read(await handlers.chat(at('/api/chat', question), 'mia'))
console.log(`mia reads: ${asked['message']}`)
const { ticket = '' } = asked
console.log(`another user gets: ${(await handlers.held(at(`/api/held?ticket=${ticket}`), 'eve')).status}`)

// The page waits while somebody looks at it.
const waiting = handlers.held(at(`/api/held?ticket=${ticket}`), 'mia')
await decide('ada', { outcome: 'reject' })
const denied = await read(await waiting)
console.log(`mia reads: ${denied['state']}, and may appeal`)

await handlers.appeal(at('/api/appeal', { ticket, statement: 'My doctor said three.' }), 'mia')
const again = handlers.held(at(`/api/held?ticket=${ticket}`), 'mia')
await decide('bob', { outcome: 'edit', answer: 'As your doctor said: 3 tablets a day.' })
console.log(`mia reads: ${(await read(await again))['text']}`)

await guard.close()
await queue.close()
