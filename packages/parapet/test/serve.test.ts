import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, describe, expect, it } from '@jest/globals'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import { callParapet } from './call-parapet.ts'
import { wordPolicy } from './policies.ts'
import { startParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const KEY = 'acme-key-0123456789-abcdefgh'
const MODULE = join(import.meta.dirname, 'policy-module.ts')
const keys = join(folder, 'keys.txt')
writeFileSync(keys, `# who may call\n\nacme ${KEY}\n`)

const running = new Set<ReturnType<typeof startParapet>>()
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
})

/** Starts a server as a process of its own, on a free port. */
async function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = startParapet(['serve', '--port', '0', '--json', ...args], { environment })
  running.add(child)
  const stderr: Buffer[] = []
  child.stderr.on('data', (piece: Buffer) => stderr.push(piece))
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'close').then(() => [`{"url":"","failed":true}`]),
  ])) as [string]
  const { url } = JSON.parse(line) as { url: string }
  return {
    child,
    url,
    stderr: () => Buffer.concat(stderr).toString(),
    stop: async (signal: NodeJS.Signals) => {
      child.kill(signal)
      const [status] = (await once(child, 'close')) as [number | null]
      running.delete(child)
      return status
    },
  }
}

async function post(url: string, path: string, body: unknown, key = KEY) {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const ask = (url: string, text: string) => post(url, '/v1/check', { stage: 'input', text })

describe('parapet serve', () => {
  it('serves a policy to who has a key, is ready, and stops in order', async () => {
    const records = join(folder, 'records')
    const server = await start([
      '--policy',
      MODULE,
      '--queue',
      join(folder, 'a.db'),
      '--records',
      records,
      '--keys',
      keys,
    ])

    const answered = await ask(server.url, 'stop it')
    const stranger = await post(server.url, '/v1/check', { stage: 'input', text: 'x' }, 'x'.repeat(30))
    const ready = await fetch(`${server.url}/readyz`)
    const moderated = await post(server.url, '/v1/moderations', { input: 'stop it' })
    const status = await server.stop('SIGTERM')

    expect(answered).toMatchObject({ status: 200, body: { verdict: 'block', policy: { id: 'words' } } })
    expect(stranger.status).toBe(401)
    expect(ready.status).toBe(200)
    expect(moderated.body).toMatchObject({ results: [{ flagged: true }] })
    expect(status).toBe(0)
    expect(server.stderr()).toBe('')
    expect(await callParapet(['records', 'verify', records, '--json'])).toMatchObject({ status: 0 })
  })

  it('keeps the policy that it read, also when the file is changed while it runs', async () => {
    const file = join(folder, 'policy.json')
    writeFileSync(file, JSON.stringify(wordPolicy('1').document))
    const server = await start(['--policy', file, '--queue', join(folder, 'c.db'), '--keys', keys])

    const before = await ask(server.url, 'stop')
    writeFileSync(file, '{"schema": "broken')
    const after = await ask(server.url, 'stop')
    writeFileSync(file, JSON.stringify(wordPolicy('2').document))
    await server.stop('SIGTERM')
    const fromEnvironment = { PARAPET_SERVER_KEYS: `acme ${KEY}`, PARAPET_QUEUE: join(folder, 'c.db') }
    const restarted = await start(['--policy', file], fromEnvironment)
    const next = await ask(restarted.url, 'stop')
    const stranger = await post(restarted.url, '/v1/check', { stage: 'input', text: 'x' }, 'x'.repeat(30))

    expect(before.body).toMatchObject({ verdict: 'block', policy: { version: '1' } })
    expect(after.body['policy']).toEqual(before.body['policy'])
    expect(next.body).toMatchObject({ verdict: 'block', policy: { version: '2' } })
    expect(stranger.status).toBe(401)
  })

  it('loses nothing that it acknowledged when one of two copies is killed under load', async () => {
    const queue = join(folder, 'shared.db')
    const args = ['--policy', MODULE, '--queue', queue, '--keys', keys]
    const copies = await Promise.all([start(args), start(args)])
    const tickets = new Map<string, string>()
    let next = 0
    let killed = false

    /** A balancer's part: the next copy, where this one does not answer. The request's id makes a repetition safe. */
    async function hold(requestId: string): Promise<string> {
      const body = { messages: [{ role: 'user', content: `wait for ${requestId}` }], context: { requestId } }
      for (let attempt = 0; ; attempt++) {
        const copy = copies[(next + attempt) % 2]
        const answered = await post(copy?.url ?? '', '/v1/input', body).catch(() => undefined)
        if (answered?.status === 200) return String(answered.body['ticket'])
        if (attempt > 20) throw new Error('No copy answers.')
      }
    }
    async function caller(): Promise<void> {
      while (next < 200) {
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
        headers: { 'x-parapet-key': KEY },
      })
      resumed.push(await response.json())
    }
    await copies[1]?.stop('SIGTERM')
    const store = sqliteQueue(queue)
    const { open } = await store.count()
    const log = await store.verifyLog()
    await store.close()

    expect(killed).toBe(true)
    expect(copies[0]?.child.signalCode).toBe('SIGKILL')
    expect(tickets.size).toBe(200)
    expect(new Set(tickets.values()).size).toBe(200)
    expect(resumed).toEqual(resumed.map(() => ({ kind: 'pending' })))
    // Retries found the item that was there: there is one for each request.
    expect(open).toBe(200)
    expect(log).not.toHaveProperty('brokenAt')
  })

  it.each([
    ['an address that others reach, without keys', ['--host', '0.0.0.0'], 1, 'PARAPET_SERVER_OPEN'],
    [
      'a policy that asks for reviews, without a queue',
      ['--policy', MODULE],
      1,
      'PARAPET_GUARD_QUEUE_MISSING',
    ],
    ['keys that are not there', ['--keys', join(folder, 'none')], 1, 'PARAPET_CLI_INPUT_MISSING'],
    ['a key on the command line', ['--key', KEY], 2, 'PARAPET_CLI_USAGE'],
    ['an upstream that is no URL', ['--upstream', 'nowhere'], 1, 'PARAPET_SERVER_OPTIONS'],
    ['an answer that is none', ['--answers', 'all'], 2, 'PARAPET_CLI_USAGE'],
    ['a port out of range', ['--port', '70000'], 2, 'PARAPET_CLI_USAGE'],
    ['a text', ['hello'], 2, 'PARAPET_CLI_USAGE'],
  ])('refuses %s', async (_, args, status, code) => {
    const result = await callParapet(['serve', ...args])

    expect(result).toMatchObject({ status, stdout: '' })
    expect(result.stderr).toMatch(new RegExp(`^${code}: `))
    expect(result.stderr).not.toContain(KEY)
  })

  it('refuses a file of keys that holds none, or a weak one, without a word of it', async () => {
    const empty = join(folder, 'empty.txt')
    const weak = join(folder, 'weak.txt')
    writeFileSync(empty, '# nobody yet\n')
    writeFileSync(weak, 'acme canary\n')

    const none = await callParapet(['serve', '--keys', empty])
    const short = await callParapet(['serve', '--keys', weak])

    expect(none.stderr).toMatch(/^PARAPET_CLI_INPUT_MISSING: /)
    expect(short.stderr).toMatch(/^PARAPET_SERVER_KEYS_INVALID: Line 1 /)
    expect(short.stderr).not.toContain('canary')
  })
})
