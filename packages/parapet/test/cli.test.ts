import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { callParapet } from './call-parapet.ts'
import { runParapet, startParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()
const COMMANDS = [
  'check',
  'measure',
  'answer',
  'model',
  'review',
  'records',
  'policy',
  'doctor',
  'export-kserve',
]

describe('parapet', () => {
  it('prints its help, without loading anything of ours but itself', async () => {
    const list = join(folder, 'help.json')

    const { status, stdout, stderr } = await runParapet(['--help'], {
      nodeArguments: ['--import', join(import.meta.dirname, 'loaded-modules.mjs')],
      environment: { LOADED_MODULES: list },
    })

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const command of COMMANDS) expect(stdout).toContain(`parapet ${command}`)
    const loaded = JSON.parse(readFileSync(list, 'utf8')) as string[]
    expect(loaded.filter((url) => url.includes('/packages/parapet/src/'))).not.toEqual([])
    expect(loaded.filter((url) => /\/packages\/(?!parapet\/)|\/node_modules\//.test(url))).toEqual([])
  })

  it.each(COMMANDS)('prints the help of %s, with its exit statuses', async (command) => {
    const { status, stdout, stderr } = await callParapet([command, '--help'])

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^parapet ${command}`))
    expect(stdout).toContain('Exit status: 0')
  })

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
      version: string
    }

    expect(await runParapet(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` })
  })

  it.each([
    ['no command', []],
    ['an unknown command', ['chekc']],
    ['a command named like a member of every object', ['constructor']],
  ])('ends with 2 for %s', async (_, args) => {
    const { status, stdout, stderr } = await callParapet(args)

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain('parapet')
    expect(stderr).not.toContain('    at ')
  })

  it('names an option that it does not know, and repeats nothing that may be a text', async () => {
    const [option, text] = await Promise.all([
      callParapet(['check', '--stagee', 'input', 'x']),
      callParapet(['check', '--my canary text']),
    ])

    expect(option).toMatchObject({ status: 2, stdout: '' })
    expect(option.stderr).toBe(
      'PARAPET_CLI_USAGE: This command does not know the option --stagee. A text that begins with - goes behind --. See: parapet check --help\n',
    )
    expect(text.status).toBe(2)
    expect(text.stderr).not.toContain('canary')
  })

  it('takes a reader that goes away for the end, not for a fault', async () => {
    const child = startParapet(['measure', 'secrets', '--options', '{"kinds":["aws-access-key"]}'])
    child.stdin.on('error', () => undefined)
    const stderr = child.stderr.toArray()
    const ended = new Promise((resolve) => child.on('close', (status) => resolve(status)))
    const feeding = setInterval(() => child.stdin.write('{"text":"a"}\n'.repeat(1_000)), 10)

    await new Promise((resolve) => child.stdout.once('data', resolve))
    child.stdout.destroy()

    expect(await ended).toBe(0)
    clearInterval(feeding)
    expect(Buffer.concat(await stderr).toString()).toBe('')
  })

  it('shows the stack of an error to who asks for it, and to nobody else', async () => {
    const args = ['policy', 'check', join(folder, 'none.json')]

    const [plain, debug] = await Promise.all([runParapet(args), runParapet([...args, '--debug'])])

    expect(plain.stderr).toMatch(/^PARAPET_CLI_POLICY_UNREADABLE: .*\(ENOENT\).*\n$/)
    expect(debug.stderr).toContain('    at ')
  })
})
