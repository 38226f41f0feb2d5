import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { createGuard, jsonLinesSink, memoryQueue, type PolicyDocument } from '@parapet/sdk'
import { wordPolicy } from './policies.ts'
import { runParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const log = join(folder, 'records')
const old = join(folder, 'old.json')
const next = join(folder, 'new.json')

/** The policy without the rule that blocks, and with holds that expire open. */
function softer(document: PolicyDocument): PolicyDocument {
  const { input } = document.stages
  if (!input) throw new Error('no input stage')
  const rules = input.rules
    .filter(({ action }) => action.kind !== 'block')
    .map((rule) =>
      rule.action.kind === 'hold'
        ? { ...rule, action: { ...rule.action, otherwise: 'allow' as const } }
        : rule,
    )
  return { ...document, version: '2', stages: { ...document.stages, input: { ...input, rules } } }
}

beforeAll(async () => {
  mkdirSync(log)
  const policy = wordPolicy()
  writeFileSync(old, JSON.stringify(policy.document))
  writeFileSync(next, JSON.stringify(softer(policy.document)))
  const guard = createGuard({ policy, records: jsonLinesSink({ directory: log }), queue: memoryQueue() })
  const texts = ['hello', 'stop now', 'please wait', 'ship ORD-12', 'canary-words of a user', 'hello again']
  for (const text of texts) await guard.check({ stage: 'input', text })
  await guard.close()
})

const plan = (...args: string[]) => runParapet(['plan', old, next, '--records', log, ...args])

describe('parapet plan', () => {
  it('says what would change, and what the new policy opens', async () => {
    const { status, stdout } = await plan()

    expect(status).toBe(0)
    expect(stdout).toMatch(/^policies +words 1 → words 2$/m)
    expect(stdout).toMatch(/^decisions +6 of 6 can be asked under both$/m)
    expect(stdout).toMatch(/^softer +1 \(/m)
    expect(stdout).toMatch(/^block +allow +1 /m)
    expect(stdout).toMatch(/^new +input: what .* holds passes when nobody decides in time$/m)
    expect(stdout).not.toContain('canary')
  })

  it.each([
    [['--max-loosened', '100%'], 0],
    [['--max-loosened', '0.001'], 1],
    [['--max-loosened', '0.2'], 2],
    [['--no-openings'], 1],
    [['--no-new-recipients'], 0],
    [['--max-reviews-per-day', '5'], 2],
  ])('gates on %j with status %i', async (bars, status) => {
    const result = await plan('--json', ...bars)

    expect(result.status).toBe(status)
    expect(JSON.parse(result.stdout)).toMatchObject({
      schema: 'parapet.plan/1',
      answered: 6,
      gate: { verdict: ['pass', 'fail', 'inconclusive'][status], bars: [{}] },
    })
  })

  it('writes Markdown for a pull request', async () => {
    const file = join(folder, 'plan.md')
    await plan('--markdown', file)

    expect(readFileSync(file, 'utf8')).toContain('| block → allow | 1 of 6 (16.67 %')
  })

  it.each([
    [['plan', old]],
    [['plan', old, next]],
    [['plan', old, next, '--records', log, '--max-loosened', '2']],
    [['plan', old, next, '--records', log, '--max-loosened', '-1']],
    [['plan', old, next, 'third', '--records', log]],
  ])('refuses a wrong call: %j', async (args) => {
    const { status, stderr } = await runParapet(args)

    expect(status).toBe(2)
    expect(stderr).toContain('PARAPET_CLI_USAGE')
  })

  it('fails with a code where the records or the Markdown cannot be had', async () => {
    const missing = await runParapet(['plan', old, next, '--records', join(folder, 'nothing.jsonl')])
    const unwritable = await plan('--markdown', join(folder, 'no', 'such', 'folder.md'))

    expect(missing).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('PARAPET_RECORD_READ_FAILED'),
    })
    expect(unwritable).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('PARAPET_CLI_OUTPUT_FAILED'),
    })
  })
})
