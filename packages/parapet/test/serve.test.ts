import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { sqliteQueue } from '@parapet/adapters/sqlite'
import { callParapet } from './call-parapet.ts'
import { killOneOfTwo } from './kill-one-of-two.ts'
import { wordPolicy } from './policies.ts'
import { killServers, postTo, startServer as start } from './served.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const KEY = 'acme-key-0123456789-abcdefgh'
const MODULE = join(import.meta.dirname, 'policy-module.ts')
const keys = join(folder, 'keys.txt')
writeFileSync(keys, `# who may call\n\nacme ${KEY}\n`)

afterEach(killServers)

const post = (url: string, path: string, body: unknown, key = KEY) => postTo(url, path, body, key)

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
  }, 120_000)

  it('loses nothing that it acknowledged when one of two copies is killed under load', async () => {
    const queue = join(folder, 'shared.db')
    const args = ['--policy', MODULE, '--queue', queue, '--keys', keys]

    await killOneOfTwo(await Promise.all([start(args), start(args)]), KEY, () => sqliteQueue(queue))
  }, 120_000)

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
    ['a way with system messages that is none', ['--system-messages', 'maybe'], 2, 'PARAPET_CLI_USAGE'],
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
