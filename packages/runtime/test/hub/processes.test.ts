import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { downloadModel, verifyModel } from '@parapet/runtime'
import { withCacheLock } from '../../src/hub/cache-lock.ts'
import { type FakeHub, REPO, startFakeHub } from './fake-hub.ts'

const PROGRAM = fileURLToPath(new URL('../programs/pull.ts', import.meta.url))
const GRAPH = 'onnx/model.onnx'
/** Starting a process takes its time on a busy machine; nothing is asserted of it. */
const PATIENCE_MS = 240_000

let cacheFolder: string
let hub: FakeHub
const children: ChildProcess[] = []
beforeEach(async () => {
  cacheFolder = await mkdtemp(join(tmpdir(), 'parapet-hub-'))
  hub = await startFakeHub()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await hub.close()
  await rm(cacheFolder, { recursive: true })
})

function startPull() {
  const arguments_ = ['--conditions=@parapet/source', PROGRAM, hub.endpoint, REPO, cacheFolder]
  const child = spawn(process.execPath, arguments_, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', HF_HUB_OFFLINE: '' },
  })
  children.push(child)
  const exit = once(child, 'close') as Promise<[number | null, string | null]>
  const output = child.stdout.toArray().then((chunks) => Buffer.concat(chunks).toString())
  return { child, exit, output }
}
const fetched = (path: string) => hub.seen.filter((seen) => seen.path === `/${path}`)

describe('processes that share a cache', () => {
  test(
    'fetch a model once, and all get it',
    async () => {
      const pulls = [startPull(), startPull(), startPull()]
      const ends = await Promise.all(pulls.map(({ exit }) => exit))
      const outputs = await Promise.all(pulls.map(({ output }) => output))

      expect(ends.map(([status]) => status)).toEqual([0, 0, 0])
      expect(new Set(outputs).size).toBe(1)
      expect(fetched(GRAPH).length).toBe(1)
      expect(await leftovers()).toEqual([])
    },
    PATIENCE_MS,
  )

  test(
    'a process that is killed in the middle leaves what the next one goes on with',
    async () => {
      hub.mischief.set(`stored:${GRAPH}`, [{ cutAfter: 5_000 }])
      // The connection stays open, so that the process is in the middle of the file when it is killed.
      hub.arrived = async () => false
      const { child, exit } = startPull()
      while (!(await partSizes()).some((size) => size >= 5_000)) await sleep(20)
      child.kill('SIGKILL')
      expect((await exit)[1]).toBe('SIGKILL')

      const { directory } = await downloadModel({ repo: REPO, endpoint: hub.endpoint, cacheFolder })

      expect(fetched(GRAPH).map(({ status }) => status)).toEqual([200, 206])
      expect((await verifyModel(directory)).every(({ state }) => state === 'right')).toBe(true)
      expect(await leftovers()).toEqual([])
    },
    PATIENCE_MS,
  )
})

describe('withCacheLock', () => {
  test('lets one after another work', async () => {
    const path = join(cacheFolder, 'lock')
    let running = 0
    let most = 0
    const work = async () => {
      running += 1
      most = Math.max(most, running)
      await sleep(5)
      running -= 1
    }

    await Promise.all(
      Array.from({ length: 5 }, () => withCacheLock(path, new AbortController().signal, work)),
    )

    expect(most).toBe(1)
  })

  test('takes over a lock that gives no sign, of whatever machine; not one that does', async () => {
    const path = join(cacheFolder, 'lock')
    await writeFile(path, JSON.stringify({ pid: 1, machine: 'elsewhere', id: 'x' }))
    const waiting = withCacheLock(path, AbortSignal.timeout(600), async () => 'worked')
    await expect(waiting).rejects.toMatchObject({ code: 'PARAPET_RUNTIME_ABORTED' })

    const longAgo = new Date(Date.now() - 120_000)
    await utimes(path, longAgo, longAgo)

    expect(await withCacheLock(path, new AbortController().signal, async () => 'worked')).toBe('worked')
  })
})

async function files(ending: string): Promise<string[]> {
  const found = await readdir(cacheFolder, { recursive: true, withFileTypes: true })
  return found
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
}
const partSizes = async () =>
  Promise.all((await files('.part')).map((path) => stat(path).then(({ size }) => size)))
const leftovers = async () => [
  ...(await files('.part')),
  ...(await files('.etag')),
  ...(await files('.lock')),
]
