import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { callParapet } from './call-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const folder = temporaryFolder()

describe('parapet export-kserve', () => {
  it('writes the shipped encoder under a name with its digest, once', async () => {
    const repository = join(folder, 'repository')

    const first = await callParapet(['export-kserve', repository, '--json'])
    const second = await callParapet(['export-kserve', repository, '--json'])

    const { name, folder: written } = JSON.parse(first.stdout) as { name: string; folder: string }
    expect(first.status).toBe(0)
    expect(name).toMatch(/^encoder-[0-9a-f]{12}$/)
    expect(existsSync(join(written, 'config.pbtxt'))).toBe(true)
    expect(second).toMatchObject({ status: 1, stdout: '' })
    expect(second.stderr).toMatch(/^PARAPET_REMOTE_EXPORT_EXISTS: /)
  })

  it.each([
    ['no folder', []],
    ['two folders', ['a', 'b']],
    ['an unknown server', ['a', '--server', 'torchserve']],
  ])('ends with 2 for %s', async (_, args) => {
    const { status, stderr } = await callParapet(['export-kserve', ...args])

    expect(status).toBe(2)
    expect(stderr).toMatch(/^PARAPET_CLI_USAGE: /)
  })
})
