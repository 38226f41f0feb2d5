import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { Finding } from '@parapet/conformance'
import { callParapet } from './call-parapet.ts'
import { parseLines, runParapet } from './run-parapet.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** A port that nobody listens on. */
async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A gateway that asks the kit's check of each request, wants a key, and lets everything pass. */
async function startOpenGateway(kit: string): Promise<string> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString()
    if (request.headers.authorization !== 'Bearer key-1') return void response.writeHead(401).end()
    await fetch(`${kit}/judge/check`, { method: 'POST', body: JSON.stringify({ text: body }) })
    const upstream = await fetch(`${kit}/v1/chat/completions`, { method: 'POST', body })
    response.setHeader('content-type', upstream.headers.get('content-type') ?? '')
    response.end(await upstream.text())
  }
  const server = createServer((request, response) => void answer(request, response))
  return `http://127.0.0.1:${await listen(server)}/v1`
}

describe('parapet conformance', () => {
  it('drives a gateway with a key, and fails for what it finds', async () => {
    const kit = `127.0.0.1:${await freePort()}`
    const url = await startOpenGateway(`http://${kit}`)
    process.env['CONFORMANCE_TEST_KEY'] = 'key-1'
    closing.push(() => delete process.env['CONFORMANCE_TEST_KEY'])

    const { status, stdout } = await callParapet([
      'conformance',
      '--url',
      url,
      '--key-env',
      'CONFORMANCE_TEST_KEY',
      '--listen',
      kit,
      '--row',
      'text-leak',
      '--json',
    ])

    expect(JSON.parse(stdout)).toMatchObject({ target: 'http', row: 'text-leak', value: 2, clean: false })
    expect(status).toBe(1)
  })

  it('drives Parapet itself where no gateway is named, and is content', async () => {
    const { status, stdout } = await callParapet(['conformance', '--row', 'text-leak'])

    expect(stdout).toMatch(/^parapet\/exchange [\d.]+\n {2}text-leak +clean +0 of 2 calls$/m)
    expect(status).toBe(0)
  })

  it('is not content where clients are not installed, and names each row that it could not ask', async () => {
    const nodeArguments = ['--import', join(import.meta.dirname, 'without-clients.mjs')]
    const args = ['conformance', '--row', 'text-leak', '--row', 'tool-result-leak', '--json']

    const { status, stdout, stderr } = await runParapet(args, { nodeArguments })

    const said = parseLines<Finding>(stdout).map(({ target, row, clean }) => `${target} ${row} ${clean}`)
    const rows = (target: string, clean: boolean | 'n/a') => [
      `${target} text-leak ${clean}`,
      `${target} tool-result-leak ${clean}`,
    ]
    expect(said).toEqual([
      ...rows('parapet/exchange', true),
      ...rows('parapet/ai-sdk', 'n/a'),
      ...rows('parapet/openai', 'n/a'),
      ...rows('parapet/openai (responses)', 'n/a'),
      ...rows('parapet/anthropic', 'n/a'),
      ...rows('parapet/huggingface', 'n/a'),
      ...rows('parapet/function', true),
      'parapet/tools text-leak n/a',
      'parapet/tools tool-result-leak true',
      ...rows('parapet/mcp', 'n/a'),
      ...rows('parapet/serve', 'n/a'),
    ])
    expect(stderr).toContain('npm install')
    expect(status).toBe(1)
  }, 60_000)

  it.each([
    [['--url', 'gateway'], '--url takes'],
    [['--url', 'http://127.0.0.1:1/v1', '--key-env', 'CONFORMANCE_TEST_NO_KEY'], '--key-env'],
    [['--listen', 'somewhere'], '--listen takes'],
    [['extra'], 'at most 0'],
  ])('refuses %j', async (args, problem) => {
    const { status, stderr } = await callParapet(['conformance', ...args])

    expect(stderr).toContain('PARAPET_CLI_USAGE')
    expect(stderr).toContain(problem)
    expect(status).toBe(2)
  })

  it('names the rows that there are', async () => {
    const { status, stderr } = await callParapet(['conformance', '--row', 'nothing'])

    expect(stderr).toContain('PARAPET_CONFORMANCE_UNKNOWN')
    expect(stderr).toContain('released-unjudged')
    expect(status).toBe(1)
  })
})
