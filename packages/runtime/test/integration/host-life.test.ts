import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createModelHost, openModelFolder } from '@parapet/runtime'
import { writeTinyEncoder } from '@parapet/runtime/testing'

const PROGRAM = fileURLToPath(new URL('../programs/ask.ts', import.meta.url))

let directory: string
const apps: ChildProcess[] = []
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parapet-life-'))
  await writeTinyEncoder(directory)
})
afterEach(() => {
  for (const app of apps.splice(0)) app.kill('SIGKILL')
})
afterAll(() => rm(directory, { recursive: true }))

/** Runs the app until it has printed its line. */
async function startApp(isolation: string, then: string) {
  const app = spawn(process.execPath, ['--conditions=@parapet/source', PROGRAM, directory, isolation, then], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', PARAPET_TEST_SECRET: 'of the app' },
  })
  apps.push(app)
  const exit = new Promise<number | string>((resolve) => {
    app.on('exit', (code, signal) => resolve(signal ?? code ?? -1))
  })
  let text = ''
  for await (const chunk of app.stdout ?? []) {
    text += String(chunk)
    if (text.includes('\n')) break
  }
  return { app, exit, line: JSON.parse(text) as { kind: string; pid?: number; secret?: string } }
}

function alive(pid: number | undefined): boolean {
  try {
    return process.kill(pid ?? 0, 0)
  } catch {
    return false
  }
}

async function gone(pid: number | undefined, withinMs: number): Promise<boolean> {
  for (const end = performance.now() + withinMs; performance.now() < end; ) {
    if (!alive(pid)) return true
    await sleep(50)
  }
  return false
}

describe('the life of a host', () => {
  test('an idle host does not keep its app alive, and ends with it', async () => {
    const { exit, line } = await startApp('process', 'end')

    expect(line).toMatchObject({ kind: 'read' })
    expect(await exit).toBe(0)
    expect(await gone(line.pid, 5000)).toBe(true)
  })

  test('closing ends the host before it answers', async () => {
    const { exit, line } = await startApp('process', 'close')

    expect(await exit).toBe(0)
    expect(alive(line.pid)).toBe(false)
  })

  test.each(['stay', 'hang'])('no host outlives an app that is killed (%s)', async (then) => {
    const { app, exit, line } = await startApp('process', then)
    await sleep(300)
    expect(alive(line.pid)).toBe(true)
    app.kill('SIGKILL')
    await exit

    expect(await gone(line.pid, 10_000)).toBe(true)
  })

  test('an app can do without a process of its own for models', async () => {
    const { exit, line } = await startApp('none', 'close')

    expect(line).toMatchObject({ kind: 'read' })
    expect(line.pid).toBeUndefined()
    expect(await exit).toBe(0)
  })

  const onLinux = process.platform === 'linux' ? test : test.skip
  onLinux('secrets in the environment of the app are not in the environment of its host', async () => {
    const { line } = await startApp('process', 'stay')
    const environment = await readFile(`/proc/${line.pid}/environ`, 'utf8')

    expect(line.secret).toBe('of the app')
    expect(environment).toContain('PATH=')
    expect(environment).not.toContain('of the app')
  })
})

test('the event loop goes on while a model computes', async () => {
  const host = createModelHost({ threads: 1 })
  try {
    const encoder = host.encoder(await openModelFolder(directory, 'encoder'))
    await encoder.warm()
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const start = performance.now()
    await Promise.all(
      Array.from({ length: 4 }, (_, turn) => encoder.read({ texts: ['slow', 'a'.repeat(turn + 1)] })),
    )
    const tookMs = performance.now() - start
    delay.disable()

    // Relative: with models in this thread, each turn of the loop would have waited for a pass, a quarter of the time.
    expect(delay.percentile(50) / 1e6).toBeLessThan(tookMs / 8)
  } finally {
    await host.close()
  }
}, 120_000)
