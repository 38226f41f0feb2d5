import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { getRequestListener } from '@hono/node-server'
import { afterEach, describe, expect, it } from '@jest/globals'
import { POST } from '../next-route/app/api/chat/route.ts'

const MESSAGE = 'I can’t help with that here.'
const KEY = 'AKIAQ4LBZ7TNR5JXK2WM'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0)) await close()
})

/** Starts a server as its reader would, and waits until it listens. */
async function start(file: string): Promise<string> {
  const child = spawn(process.execPath, ['--conditions=@parapet/source', join(import.meta.dirname, file)], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  const errors = child.stderr.toArray()
  opened.push(async () => {
    child.kill('SIGTERM')
    const [status] = await ended
    expect(Buffer.concat(await errors).toString()).toBe('')
    expect(status).toBe(0)
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1]
    if (url) return `${url}/chat`
  }
  throw new Error(`${file} ended before it listened`)
}

/** Serves the handler of the Next.js route, which is web-standard, on a port. */
async function serveRoute(): Promise<string> {
  const listener = getRequestListener(POST)
  const server = createServer((request, response) => void listener(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/chat`
}

const uiMessage = (text: string) => ({
  messages: [{ id: 'm1', role: 'user', parts: [{ type: 'text', text }] }],
})

/** Each server: where it listens, how it is asked, and how its stream says a piece of text. */
const SERVERS = [
  ['express', () => start('express-server.ts'), (message: string) => ({ message }), 'text'],
  ['hono', () => start('hono-server.ts'), (message: string) => ({ message }), 'delta'],
  ['the Next.js route', serveRoute, uiMessage, 'delta'],
] as const

const post = (url: string, body: unknown) =>
  fetch(url, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } })

describe.each(SERVERS)('%s', (_, listen, ask, member) => {
  it('answers over its port, with edits, and without what is blocked', async () => {
    const url = await listen()
    const textOf = async (message: string) => {
      const response = await post(url, ask(message))
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toContain('text/event-stream')
      const body = await response.text()
      const events = [...body.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => JSON.parse(json))
      return { body, text: events.map((event) => event[member] ?? event.message ?? '').join('') }
    }

    const hello = await textOf('hello')
    const key = await textOf(`my key is ${KEY}`)
    const asked = await textOf('Tell me about project heron.')
    const answered = await textOf('Any news?')
    const wrong = await post(url, { nothing: 1 })

    expect(hello.text).toBe('You asked: hello')
    expect(key.text).toBe('You asked: my key is [redacted]')
    for (const { text, body } of [asked, answered]) {
      expect(text).toBe(MESSAGE)
      expect(body).toMatch(/"decisionId":"[\w-]{36}"/)
      for (const inside of ['internal', 'heron', 'score', 'threshold', 'ticket'])
        expect(body).not.toContain(inside)
    }
    expect(wrong.status).toBe(400)
  }, 60_000)
})
