import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { tinyRepository } from '@parapet/runtime/testing'
import { callParapet } from './call-parapet.ts'
import { jsonLines, parseLines, runParapet } from './run-parapet.ts'
import { temporaryFolder } from './temporary-folder.ts'

const REPO = 'tiny-labs/tiny-chat'
const COMMIT = '3c'.repeat(20)
const cache = temporaryFolder()
const files = tinyRepository()
let hub: Server
let endpoint: string

/** A hub with one repository. */
beforeAll(async () => {
  const entry = ([path, content]: [string, Uint8Array]) => ({
    type: 'file',
    path,
    size: content.length,
    oid: createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex'),
  })
  hub = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '', 'http://hub').pathname)
    const file = path.split(`/resolve/${COMMIT}/`)[1]
    if (path === `/api/models/${REPO}/revision/main`) response.end(JSON.stringify({ sha: COMMIT }))
    else if (path === `/api/models/${REPO}/tree/${COMMIT}`)
      response.end(JSON.stringify(Object.entries(files).map(entry)))
    else if (file !== undefined && files[file]) response.end(files[file])
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => hub.close(resolve)))

const model = (...args: string[]) => callParapet(['model', ...args, '--cache', cache])

describe('parapet model', () => {
  it('pulls a model, lists it, verifies it, notices a change, removes it', async () => {
    const pulled = await model('pull', `hf:${REPO}`, '--endpoint', endpoint, '--json')
    expect(pulled).toMatchObject({ status: 0, stderr: '' })
    const { directory, ...about } = JSON.parse(pulled.stdout) as { directory: string }
    expect(about).toMatchObject({ repo: REPO, commit: COMMIT, layers: 4, wrong: [] })

    expect((await model('list')).stdout).toMatch(new RegExp(`^model.*\n${REPO} +fp32 +main +3c3c3c3c3c3c`))
    expect(await model('verify', `hf:${REPO}`)).toMatchObject({ status: 0 })
    await writeFile(join(directory, 'config.json'), '{}')
    const verified = await model('verify')
    expect(verified.status).toBe(1)
    expect(verified.stdout).toMatch(/config\.json +changed/)

    expect(await model('remove', `hf:${REPO}#q4`)).toMatchObject({ status: 1, stdout: '0 models removed.\n' })
    expect(await model('remove', `hf:${REPO}@main`)).toMatchObject({
      status: 0,
      stdout: '1 model removed.\n',
    })
    expect((await model('list', '--json')).stdout).toBe('[]\n')
  }, 240_000)

  it('gives its model to other commands, also without the network', async () => {
    await model('pull', `hf:${REPO}`, '--endpoint', endpoint)

    const { status, stdout, stderr } = await runParapet(
      ['answer', '--model', `hf:${REPO}`, '--max-tokens', '2'],
      {
        input: jsonLines([{ text: 'good' }]),
        environment: { PARAPET_CACHE: cache, HF_HUB_OFFLINE: '1', HF_ENDPOINT: endpoint },
      },
    )

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(parseLines(stdout)[0]).toMatchObject({ finishReason: expect.stringMatching(/^(end|max-tokens)$/) })
    await rm(join(cache, 'hub'), { recursive: true })
  }, 240_000)

  it.each([
    ['no verb', []],
    ['another verb', ['push']],
    ['nothing to pull', ['pull']],
    ['a package', ['pull', '@parapet/model-sentinel']],
    ['nothing to remove', ['remove']],
    ['too much', ['list', 'hf:a/b']],
    ['bytes that are none', ['pull', 'hf:a/b', '--max-bytes', 'many']],
  ])('ends with 2 for %s', async (_, args) => {
    const { status, stderr } = await model(...args)

    expect(status).toBe(2)
    expect(stderr).toMatch(/^PARAPET_CLI_USAGE: /)
  })

  it.each([
    ['a repository that is not there', ['pull', 'hf:nobody/nothing'], 'PARAPET_HUB_NOT_FOUND'],
    ['a name that is none', ['pull', 'hf:../x'], 'PARAPET_HUB_REFERENCE_INVALID'],
    ['a model that is not there, offline', ['pull', 'hf:a/b', '--offline'], 'PARAPET_HUB_OFFLINE'],
  ])('ends with 1 for %s', async (_, args, code) => {
    const { status, stderr } = await model(...args, '--endpoint', endpoint)

    expect(status).toBe(1)
    expect(stderr).toMatch(new RegExp(`^${code}: `))
  })
})
