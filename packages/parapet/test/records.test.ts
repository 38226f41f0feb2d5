import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { createGuard, fileKeys, jsonLinesSink, memoryQueue, parseKey } from '@parapet/sdk'
import { callParapet } from './call-parapet.ts'
import { wordPolicy } from './policies.ts'
import { runParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const log = join(folder, 'records')
const keyFile = join(folder, 'record.key')
const TEXTS = ['hello', 'stop, canary', 'please wait', 'ship ORD-12']
const decisions: string[] = []

beforeAll(async () => {
  mkdirSync(log)
  const keys = fileKeys(keyFile)
  const records = jsonLinesSink({ directory: log, keys })
  const guard = createGuard({ policy: wordPolicy(), records, keys, queue: memoryQueue() })
  for (const text of TEXTS) decisions.push((await guard.check({ stage: 'input', text })).id)
  await guard.close()
})

const records = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runParapet(['records', ...args], { environment })

const linesOf = (path: string) => readFileSync(path, 'utf8').split('\n').slice(0, -1)

/** The log's lines as they are, in a file of their own. */
function copy(name: string, change: (lines: string[]) => string[]): string {
  const [file = ''] = readdirSync(log)
  const path = join(folder, name)
  writeFileSync(path, `${change(linesOf(join(log, file))).join('\n')}\n`)
  return path
}

describe('parapet records verify', () => {
  it('finds the chain of a folder whole, and says what it could not check', async () => {
    const { status, stdout } = await records(['verify', log])

    expect(status).toBe(0)
    expect(stdout).toMatch(/^records +4$/m)
    expect(stdout).toMatch(/^chains +1, whole$/m)
    expect(stdout).toMatch(/^ends +not checked/m)
    expect(stdout).toMatch(/^seals +not checked/m)
  })

  it('checks seals with a key file, or with the key of the environment', async () => {
    const { keys } = JSON.parse(readFileSync(keyFile, 'utf8')) as { keys: { key: string }[] }
    const another = Buffer.alloc(32, 7).toString('base64')

    const [byFile, byVariable, byAnother] = await Promise.all([
      records(['verify', '--json', '--key-file', keyFile, log]),
      records(['verify', log], { PARAPET_RECORD_KEY: keys[0]?.key ?? '' }),
      records(['verify', log], { PARAPET_RECORD_KEY: another }),
    ])

    expect(JSON.parse(byFile.stdout)).toMatchObject({ ok: true, unchecked: 0 })
    expect(byVariable.stdout).toMatch(/^seals +checked$/m)
    expect(byAnother.stdout).toMatch(/^seals +4 of keys not given$/m)
  })

  it('finds the line that was changed, and the one that is missing', async () => {
    const edited = copy('edited.jsonl', (lines) =>
      lines.map((line, index) =>
        index === 1 ? line.replace('"verdict":"block"', '"verdict":"allow"') : line,
      ),
    )
    const missing = copy('missing.jsonl', (lines) => lines.filter((_, index) => index !== 2))

    const [first, second] = await Promise.all([
      records(['verify', edited]),
      records(['verify', '--json', missing]),
    ])

    expect(first.status).toBe(1)
    expect(first.stdout).toMatch(/^edited +\S+edited\.jsonl:2 /m)
    expect(second.status).toBe(1)
    expect(JSON.parse(second.stdout)).toMatchObject({ ok: false, breaks: [{ kind: 'missing', line: 3 }] })
  })

  it('sees a log that was cut at its end by the heads that were kept', async () => {
    const heads = join(folder, 'heads.json')
    writeFileSync(heads, (await records(['verify', '--json', log])).stdout)
    const cut = copy('cut.jsonl', (lines) => lines.slice(0, -1))

    const [blind, seeing, whole] = await Promise.all([
      records(['verify', cut]),
      records(['verify', cut, '--heads', heads]),
      records(['verify', log, '--heads', heads]),
    ])

    expect(blind.status).toBe(0)
    expect(seeing.status).toBe(1)
    expect(seeing.stdout).toMatch(/^missing +/m)
    expect(whole.status).toBe(0)
    expect(whole.stdout).toMatch(/^ends +checked against 1 head$/m)
  })

  it('finds a chain that was written anew without the key', async () => {
    const forged = join(folder, 'forged.jsonl')
    const sink = jsonLinesSink({ path: forged })
    const guard = createGuard({ policy: wordPolicy(), records: sink, queue: memoryQueue() })
    await guard.check({ stage: 'input', text: 'stop' })
    await guard.close()

    const [unkeyed, keyed] = await Promise.all([
      records(['verify', forged]),
      records(['verify', forged, '--key-file', keyFile]),
    ])

    expect(unkeyed.status).toBe(0)
    expect(keyed.status).toBe(1)
    expect(keyed.stdout).toMatch(/^unsealed +/m)
  })
})

describe('parapet records explain', () => {
  it('prints the rule, the score and the measurements of one decision, and no text', async () => {
    const { status, stdout } = await records(['explain', decisions[1] ?? '', log])

    expect(status).toBe(0)
    expect(stdout).toMatch(/^verdict +block$/m)
    expect(stdout).toMatch(/^input 0 +words +stop +1\.000000 ≥ /m)
    expect(stdout).toMatch(/^0 +input +words +order 0\.0000, stop 1\.0000/m)
    expect(stdout).not.toContain('canary')
  })

  it('ends with 1 for a decision that is not there', async () => {
    const { status, stderr } = await records(['explain', 'none', log])

    expect(status).toBe(1)
    expect(stderr).toMatch(/^PARAPET_RECORD_NOT_FOUND: /)
  })
})

describe('parapet records replay', () => {
  it('says what would change under another policy', async () => {
    const { document } = wordPolicy('2')
    const stages = {
      input: {
        ...document.stages.input,
        rules: document.stages.input?.rules.filter(({ label }) => label !== 'stop'),
      },
    }
    const milder = join(folder, 'milder.json')
    writeFileSync(milder, JSON.stringify({ ...document, stages }))

    const [table, json] = await Promise.all([
      records(['replay', '--policy', milder, log]),
      records(['replay', '--json', '--policy', milder, log]),
    ])

    expect(table.status).toBe(0)
    expect(table.stdout).toMatch(/^block +allow +1$/m)
    expect(table.stdout).toContain(decisions[1])
    expect(JSON.parse(json.stdout)).toMatchObject({
      decisions: 4,
      unchanged: 3,
      changed: [{ id: decisions[1], from: 'block', to: 'allow' }],
      diverged: [],
    })
  })
})

describe('parapet records, keys', () => {
  it('rotates a key file, and forgets an earlier key but not the current one', async () => {
    const path = join(folder, 'rotated.key')
    const first = fileKeys(path).current.id

    const rotated = await records(['rotate-key', '--json', path])
    const current = (JSON.parse(rotated.stdout) as { current: string }).current
    const refused = await records(['forget-key', path, current])
    const forgotten = await records(['forget-key', path, first])

    expect(JSON.parse(rotated.stdout)).toEqual({ current: fileKeys(path).current.id, previous: [first] })
    expect(current).not.toBe(first)
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toMatch(/^PARAPET_RECORD_KEY_UNKNOWN: /)
    expect(forgotten).toMatchObject({ status: 0, stdout: `current key   ${current}\nearlier keys  none\n` })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const { keys } = JSON.parse(readFileSync(path, 'utf8')) as { keys: { key: string }[] }
    expect(keys.map(({ key }) => parseKey(key).id)).toEqual([current])
    expect(rotated.stdout).not.toContain(keys[0]?.key)
  })

  it.each([
    ['no file', ['verify'], 2, 'PARAPET_CLI_USAGE'],
    ['no policy to replay with', ['replay', 'x'], 2, 'PARAPET_CLI_USAGE'],
    ['an unknown verb', ['check', 'x'], 2, 'PARAPET_CLI_USAGE'],
    ['a log that is not there', ['verify', 'none.jsonl'], 1, 'PARAPET_RECORD_READ_FAILED'],
    ['a folder without records', ['verify', import.meta.dirname], 1, 'PARAPET_CLI_INPUT_MISSING'],
    [
      'a key file that is not there',
      ['verify', '--key-file', 'none.key', 'x'],
      1,
      'PARAPET_CLI_INPUT_MISSING',
    ],
    ['heads that are not there', ['verify', '--heads', 'none.json', 'x'], 1, 'PARAPET_CLI_INPUT_MISSING'],
  ])('refuses %s', async (_, args, status, code) => {
    const result = await callParapet(['records', ...args])

    expect(result).toMatchObject({ status, stdout: '' })
    expect(result.stderr).toMatch(new RegExp(`^${code}: `))
  })
})
