import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { policyJsonSchema, standardPreset } from '../src/index.ts'
import { callParapet } from './call-parapet.ts'
import { wordPolicy } from './policies.ts'
import { runParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()

function file(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('parapet policy', () => {
  it('reads back what it prints, with the same hash', async () => {
    const { policyHash } = standardPreset()

    const printed = await runParapet(['policy', 'print'])
    const checked = await runParapet(['policy', 'check', '--json', file('standard.json', printed.stdout)])

    expect(printed.status).toBe(0)
    expect(checked).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(checked.stdout)).toMatchObject({
      policyHash,
      stages: expect.arrayContaining(['input', 'output']),
    })
  })

  it('makes patterns of a JSON policy by the ids that it gives them', async () => {
    const { document, policyHash } = wordPolicy()

    const { status, stdout } = await runParapet(['policy', 'check', '--json', file('words.json', document)])

    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ id: 'words', policyHash, detectors: ['words'] })
  })

  it('names every mistake with its place', async () => {
    const { document } = wordPolicy()
    const { input } = document.stages
    const rules = input?.rules.map((rule) => ({ ...rule, label: 'stopp' }))
    const wrong = file('wrong.json', { ...document, stages: { input: { ...input, rules } } })

    const [table, json] = await Promise.all([
      runParapet(['policy', 'check', wrong]),
      runParapet(['policy', 'check', '--json', wrong]),
    ])

    expect(table).toMatchObject({ status: 1, stdout: '' })
    expect(table.stderr).toMatch(/^PARAPET_POLICY_INVALID: The policy has 3 mistakes:/)
    expect(table.stderr).toContain('stages.input.rules[0].label')
    expect(json).toMatchObject({ status: 1, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({
      code: 'PARAPET_POLICY_INVALID',
      issues: [{ path: 'stages.input.rules[0].label' }, {}, {}],
    })
  })

  it.each([
    ['is not there', join(folder, 'none.json'), 'ENOENT'],
    ['is not JSON', file('broken.json', '{'), 'it is not JSON'],
    ['is a module without a policy', file('empty.mjs', 'export default 1'), 'no policy'],
    ['is a module that throws', file('throws.mjs', 'throw new Error("canary")'), 'cannot be loaded'],
  ])('says so where the file %s', async (_, path, problem) => {
    const { status, stderr } = await callParapet(['policy', 'check', path])

    expect(status).toBe(1)
    expect(stderr).toMatch(/^PARAPET_CLI_POLICY_UNREADABLE: /)
    expect(stderr).toContain(problem)
    expect(stderr).not.toContain('canary')
  })

  it('prints the published schema', async () => {
    const { status, stdout } = await callParapet(['policy', 'schema'])

    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual(policyJsonSchema())
  })
})
