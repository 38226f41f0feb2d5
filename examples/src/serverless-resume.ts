/**
 * A held request that is resumed by a function which lives for one call: it opens the queue, resumes, and closes. Started
 * without an argument, this program holds an answer, and then runs itself as that function, as a platform would.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createGuard, definePolicy, isParapetError, patterns, sqliteQueue, when } from 'parapet'

const prices = patterns({
  id: 'prices',
  version: '1',
  patterns: [{ label: 'price', regex: /\b\d+ euros\b/i, maxCharacters: 20 }],
})
/** The same policy in every process: what was held under one is resumed under no other. */
const policy = definePolicy({
  id: 'shop',
  version: '1',
  output: {
    rules: [when(prices, 'price').found().review({ mode: 'defer', withinMs: 60_000, otherwise: 'block' })],
    onError: 'block',
    onAbstain: 'block',
    budgetMs: 1_000,
  },
})

/** What end users may learn of each fault. Everything else is a fault of ours. */
const STATUS: Readonly<Record<string, number>> = {
  PARAPET_TICKET_UNKNOWN: 404,
  PARAPET_TICKET_EXPIRED: 410,
  PARAPET_GRANT_REFUSED: 409,
}

/** The function: any platform that speaks web requests can run it. */
export async function handler(request: Request, queuePath: string): Promise<Response> {
  const queue = sqliteQueue(queuePath)
  const guard = createGuard({ policy, queue })
  try {
    const ticket = new URL(request.url).searchParams.get('ticket') ?? ''
    // Whose ticket it may be is for the session to say, never for the request.
    const resumed = await guard.resume(ticket, { tenant: 'shop', subjectKey: 'user-7' })
    if (resumed.kind === 'pending') return Response.json({ state: 'pending' }, { status: 202 })
    if (resumed.kind === 'denied') return Response.json({ state: 'denied', message: resumed.message })
    if (resumed.kind === 'grant') return Response.json({ state: 'send it again' })
    const text = resumed.answer.parts.map((part) => ('text' in part ? part.text : '')).join('')
    return Response.json({ state: 'answer', text })
  } catch (error) {
    const status = isParapetError(error) ? STATUS[error.code] : undefined
    if (status === undefined) throw error
    return new Response(null, { status })
  } finally {
    await guard.close()
    await queue.close()
  }
}

/** The chat: an answer is held, and the caller gets a ticket. */
async function hold(queuePath: string): Promise<string> {
  const queue = sqliteQueue(queuePath)
  const guard = createGuard({ policy, queue })
  const messages = [{ role: 'user', content: 'What does the lamp cost?' }] as const
  const exchange = guard.exchange({ messages, context: { tenant: 'shop', subjectKey: 'user-7' } })
  const { ticket = '' } = await exchange.answer({
    parts: [{ stage: 'output', text: 'It costs 40 euros.' }],
  })
  await guard.close()
  await queue.close()
  return ticket
}

/** The reviewer, in a process of their own: they correct the answer. */
async function review(queuePath: string): Promise<void> {
  const queue = sqliteQueue(queuePath)
  const claim = await queue.claim({ reviewer: 'ada' })
  if (claim) {
    const { item, token } = claim
    await queue.decide({ id: item.id, token, outcome: 'edit', answer: 'It costs 45 euros.', reason: 'price' })
  }
  await queue.close()
}

const [, self = '', url, queuePath] = process.argv
if (url !== undefined && queuePath !== undefined) {
  const response = await handler(new Request(url), queuePath)
  console.log(response.status, await response.text())
} else {
  const folder = mkdtempSync(join(tmpdir(), 'parapet-serverless-'))
  const file = join(folder, 'review.db')
  const invoke = async (ticket: string): Promise<string> => {
    const address = `https://shop.example/held?ticket=${encodeURIComponent(ticket)}`
    const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, self, address, file])
    return stdout.trim()
  }
  const ticket = await hold(file)
  console.log(`held: ${await invoke(ticket)}`)
  await review(file)
  console.log(`reviewed: ${await invoke(ticket)}`)
  console.log(`forged: ${await invoke('00000000-0000-7000-8000-000000000000')}`)
  rmSync(folder, { recursive: true })
}
