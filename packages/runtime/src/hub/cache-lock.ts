import { randomUUID } from 'node:crypto'
import { open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { fault } from '../errors/codes.ts'

const BEAT_EVERY_MS = 5_000
/** A holder that gave no sign for so long is gone, wherever it ran. */
const ABANDONED_AFTER_MS = 60_000
const LOOK_EVERY_MS = 200

/**
 * Runs work that one process at a time should do. The lock saves work and guards nothing: files are written where they
 * belong, checked by their digests and moved into place at once, so that also two holders do no harm. A lock whose
 * process ended is taken over.
 * @throws `PARAPET_RUNTIME_ABORTED` while it waits
 */
export async function withCacheLock<Result>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const holder = await acquire(path, signal)
  const beat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => {})
  }, BEAT_EVERY_MS)
  beat.unref()
  try {
    return await work()
  } finally {
    clearInterval(beat)
    if ((await readFile(path, 'utf8').catch(() => '')) === holder) await rm(path, { force: true })
  }
}

async function acquire(path: string, signal: AbortSignal): Promise<string> {
  const holder = JSON.stringify({ pid: process.pid, machine: hostname(), id: randomUUID() })
  for (;;) {
    if (signal.aborted) throw fault('PARAPET_RUNTIME_ABORTED', {}, { cause: signal.reason })
    try {
      await using handle = await open(path, 'wx')
      await handle.writeFile(holder)
      return holder
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    if (await isAbandoned(path)) await clear(path)
    else await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => {})
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    if (Date.now() - (await stat(path)).mtimeMs > ABANDONED_AFTER_MS) return true
    const { pid, machine } = JSON.parse(await readFile(path, 'utf8')) as { pid?: unknown; machine?: unknown }
    return machine === hostname() && typeof pid === 'number' && !isAlive(pid)
  } catch {
    // It went away just now, or is still being written.
    return false
  }
}

/** Renames first, so that of two who clear the same lock one does. */
async function clear(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
    await rm(aside, { force: true })
  } catch {
    // The other one did.
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
