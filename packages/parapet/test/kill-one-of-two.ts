import { expect } from '@jest/globals'
import type { ReviewQueue } from '@parapet/sdk'
import { postTo, type Served } from './served.ts'

/** Holds 120 requests through two copies on one queue, kills the first half-way, and looks for every ticket. */
export async function killOneOfTwo(
  copies: readonly Served[],
  key: string,
  open: () => ReviewQueue & { verifyLog(): Promise<object> },
): Promise<void> {
  const tickets = new Map<string, string>()
  let next = 0
  let killed = false

  /** A balancer's part: the next copy, where this one does not answer. The request's id makes a repetition safe. */
  async function hold(requestId: string): Promise<string> {
    const body = { messages: [{ role: 'user', content: `wait for ${requestId}` }], context: { requestId } }
    for (let attempt = 0; ; attempt++) {
      const copy = copies[(next + attempt) % 2]
      const answered = await postTo(copy?.url ?? '', '/v1/input', body, key).catch(() => undefined)
      if (answered?.status === 200) return String(answered.body['ticket'])
      if (attempt > 20) throw new Error('No copy answers.')
    }
  }
  async function caller(): Promise<void> {
    while (next < 120) {
      const requestId = `request-${next++}`
      tickets.set(requestId, await hold(requestId))
      if (tickets.size >= 60 && !killed) {
        killed = true
        copies[0]?.child.kill('SIGKILL')
      }
    }
  }
  await Promise.all(Array.from({ length: 12 }, caller))
  const resumed: unknown[] = []
  for (const ticket of tickets.values()) {
    const response = await fetch(`${copies[1]?.url}/v1/tickets/${ticket}`, {
      headers: { 'x-parapet-key': key },
    })
    resumed.push(await response.json())
  }
  await copies[1]?.stop('SIGTERM')
  const store = open()
  const { open: waiting } = await store.count()
  const log = await store.verifyLog()
  await store.close()

  expect(killed).toBe(true)
  expect(copies[0]?.child.signalCode).toBe('SIGKILL')
  expect(tickets.size).toBe(120)
  expect(new Set(tickets.values()).size).toBe(120)
  expect(resumed).toEqual(resumed.map(() => ({ kind: 'pending' })))
  // Retries found the item that was there: there is one for each request.
  expect(waiting).toBe(120)
  expect(log).not.toHaveProperty('brokenAt')
}
