import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll } from '@jest/globals'

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Answer = (request: Received, response: ServerResponse) => void | Promise<void>

/** A real HTTP server of a test file, that a test answers as it likes, and that remembers what it was sent. */
export interface ScriptedServer {
  /** Known once the tests run. */
  readonly url: string
  readonly received: Received[]
  answer: Answer
}

export function scriptedServer(): ScriptedServer {
  const received: Received[] = []
  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers } = request
    const whole = { method, path: url, headers, body: Buffer.concat(chunks).toString() }
    received.push(whole)
    await scripted.answer(whole, response)
  }
  const server = createServer((request, response) => void handle(request, response))
  const scripted: { url: string; received: Received[]; answer: Answer } = {
    url: '',
    received,
    answer: json({}),
  }
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    scripted.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return scripted
}

/** Answers with JSON. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof value === 'string' ? value : JSON.stringify(value))
  }
}

/** What a server may do instead of answering, and the code that it gives. */
export const SERVER_FAULTS: readonly (readonly [name: string, code: string, answer: Answer])[] = [
  ['never answers', 'PARAPET_REMOTE_TIMEOUT', () => {}],
  [
    'stops in the middle of its answer',
    'PARAPET_REMOTE_TIMEOUT',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.write('{"model":')
    },
  ],
  ['hangs up', 'PARAPET_REMOTE_UNREACHABLE', (_, response) => void response.destroy()],
  [
    'hangs up in the middle of its answer',
    'PARAPET_REMOTE_UNREACHABLE',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"model":', () => response.destroy())
    },
  ],
  ['asks for fewer requests', 'PARAPET_REMOTE_RATE_LIMITED', json({}, 429, { 'retry-after': '60' })],
  ['fails', 'PARAPET_REMOTE_UNAVAILABLE', json({ error: 'canary' }, 503)],
  ['wants another key', 'PARAPET_REMOTE_UNAUTHORIZED', json({ error: 'canary' }, 401)],
  ['knows no such model', 'PARAPET_REMOTE_UNAUTHORIZED', json({ error: 'canary' }, 404)],
  ['takes no such text', 'PARAPET_REMOTE_REFUSED', json({ error: 'canary' }, 422)],
  ['says that it made something', 'PARAPET_REMOTE_REFUSED', json({}, 201)],
  [
    'sends the request elsewhere',
    'PARAPET_REMOTE_REDIRECTED',
    json({}, 307, { location: 'http://127.0.0.1:1/latest/meta-data' }),
  ],
  [
    'gives a page',
    'PARAPET_REMOTE_CONTENT_TYPE',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
      response.end('<html>canary</html>')
    },
  ],
  [
    'gives JSON that is marked as text',
    'PARAPET_REMOTE_CONTENT_TYPE',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.end('[]')
    },
  ],
  ['gives half a JSON', 'PARAPET_REMOTE_ANSWER_MALFORMED', json('{"model":"m","results":[{"cat')],
  ['gives a page that is marked as JSON', 'PARAPET_REMOTE_ANSWER_MALFORMED', json('<html>canary</html>')],
  ['gives NaN', 'PARAPET_REMOTE_ANSWER_MALFORMED', json('[[{"label":"LABEL_1","score":NaN}]]')],
  ['gives bytes that are no UTF-8', 'PARAPET_REMOTE_ANSWER_MALFORMED', malformedUtf8],
  ['gives null', 'PARAPET_REMOTE_ANSWER_MALFORMED', json('null')],
  ['gives a number', 'PARAPET_REMOTE_ANSWER_MALFORMED', json('17')],
  ['gives another object', 'PARAPET_REMOTE_ANSWER_MALFORMED', json({ error: 'canary' })],
  ['gives 10 MB', 'PARAPET_REMOTE_ANSWER_TOO_LARGE', json(`"${'x'.repeat(10_000_000)}"`)],
  ['gives 20 MB packed into 20 kB', 'PARAPET_REMOTE_ANSWER_TOO_LARGE', bomb],
  ['gives 10 MB piece by piece', 'PARAPET_REMOTE_ANSWER_TOO_LARGE', piecewise],
]

const packed = gzipSync(Buffer.alloc(20_000_000, ' '))

function bomb(_: Received, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
  response.end(packed)
}

function malformedUtf8(_: Received, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22]))
}

function piecewise(_: Received, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const piece = Buffer.alloc(64 * 1024, ' ')
  let left = 160
  const write = () => {
    while (left > 0 && !response.destroyed) {
      left -= 1
      if (!response.write(piece)) return void response.once('drain', write)
    }
    if (!response.destroyed) response.end('1')
  }
  write()
}
