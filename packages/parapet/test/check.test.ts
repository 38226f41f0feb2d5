import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { callParapet } from './call-parapet.ts'
import { wordPolicy } from './policies.ts'
import { runParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const policyFile = join(folder, 'policy.json')
writeFileSync(policyFile, JSON.stringify(wordPolicy().document))

const check = (args: readonly string[], input = '') =>
  runParapet(['check', '--policy', policyFile, ...args], { input })

describe('parapet check', () => {
  it.each([
    ['0 where a text is allowed', 'hello', 0, 'allow'],
    ['10 where a person would decide', 'please wait', 10, 'hold'],
    ['11 where nothing would pass', 'stop and wait', 11, 'block'],
  ])('ends with %s', async (_, text, status, verdict) => {
    const result = await check(['--json', text])

    expect(result).toMatchObject({ status, stderr: '' })
    expect(JSON.parse(result.stdout)).toMatchObject({ verdict, policy: { id: 'words' } })
  })

  it('prints the rule, the score and what every detector said', async () => {
    const { stdout } = await check(['stop'])

    expect(stdout).toMatch(/^verdict +block$/m)
    expect(stdout).toMatch(/^input 0 +words +stop +1\.000000 ≥ \S+ +block +\S+/m)
    expect(stdout).toMatch(/^words +stop 1\.0000, wait 0\.0000, order 0\.0000 +\d+\.\d$/m)
  })

  it('reads the text from standard input, also one that looks like an option', async () => {
    const [piped, dashed] = await Promise.all([
      check(['-', '--json'], 'ship ORD-77 today'),
      check(['--json', '--', '--stop--']),
    ])

    expect(JSON.parse(piped.stdout)).toMatchObject({
      verdict: 'allow',
      edits: [{ start: 5, end: 11, label: 'order', replacement: '[order]' }],
      measurements: [{ detector: 'words', outcome: { kind: 'scored', scores: { order: 1 } } }],
    })
    expect(dashed.status).toBe(11)
  })

  it('takes a policy from a module', async () => {
    const result = await runParapet([
      'check',
      'stop',
      '--policy',
      join(import.meta.dirname, 'policy-module.ts'),
    ])

    expect(result.status).toBe(11)
  })

  it.each([
    ['no text', []],
    ['two texts', ['a', 'b']],
    ['an unknown stage', ['a', '--stage', 'middle']],
  ])('ends with 2 for %s', async (_, args) => {
    const { status, stdout, stderr } = await callParapet(['check', ...args])

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^PARAPET_CLI_USAGE: /)
  })

  it('ends with 1, and says what is missing, where a detector cannot be loaded', async () => {
    const document = wordPolicy().document
    const detectors = {
      ...document.detectors,
      toxicity: {
        id: 'toxicity',
        version: '0.1.0',
        options: { weights: '@parapet/model-none', languages: ['en'], labels: ['toxic'] },
      },
    }
    const rule = {
      id: 'toxic',
      detector: 'toxicity',
      label: 'toxic',
      condition: { kind: 'above', score: 0.5 },
      action: { kind: 'block' },
    }
    const input = { ...document.stages.input, rules: [rule] }
    const file = join(folder, 'unloadable.json')
    writeFileSync(file, JSON.stringify({ ...document, detectors, stages: { input } }))

    const { status, stdout, stderr } = await runParapet(['check', 'my canary', '--policy', file])

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain('because of PARAPET_MODEL_NOT_INSTALLED')
    expect(stderr).toContain('npm install @parapet/model-none')
    expect(stderr).not.toContain('canary')
  })

  it('asks the preset "standard", with its models, where no policy is named', async () => {
    const result = await runParapet(['check', '--json', 'How do I bake bread without an oven?'])

    expect(result).toMatchObject({ status: 0, stderr: '' })
    const { policy, measurements } = JSON.parse(result.stdout) as Record<string, unknown>
    expect(policy).toMatchObject({ id: 'parapet-standard' })
    expect(measurements).toMatchObject(
      ['attack', 'harm', 'refusal-direction'].map((detector) => ({ detector, outcome: { kind: 'scored' } })),
    )
  })
})
