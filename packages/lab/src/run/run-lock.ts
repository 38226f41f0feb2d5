import { randomUUID } from 'node:crypto'
import { link, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { labError } from '../errors/codes.ts'

const BEAT_EVERY_MS = 5_000
/** A holder that gave no sign for so long is gone, wherever it ran. */
const ABANDONED_AFTER_MS = 60_000

/** Names of the locks that this process holds: after a restart, another process may have had its number. */
const held = new Set<string>()

/**
 * Takes a lock that one run at a time holds, and gives what releases it. One whose process ended is taken over.
 * @throws `PARAPET_LAB_FOLDER_IN_USE`, and the errors of the file system
 */
export async function takeRunLock(folder: string, path: string): Promise<() => Promise<void>> {
  const id = randomUUID()
  const holder = JSON.stringify({ pid: process.pid, machine: hostname(), id })
  // Set before the file is there: a run beside it in this process may look at once.
  held.add(id)
  try {
    if (!(await create(path, holder))) {
      await clearAbandoned(folder, path)
      if (!(await create(path, holder))) throw await inUse(folder, path)
    }
  } catch (error) {
    held.delete(id)
    throw error
  }
  const beat = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => {})
  }, BEAT_EVERY_MS)
  beat.unref()
  return async () => {
    clearInterval(beat)
    held.delete(id)
    if ((await contentOf(path)) === holder) await rm(path, { force: true })
  }
}

async function create(path: string, holder: string): Promise<boolean> {
  try {
    await using handle = await open(path, 'wx')
    await handle.writeFile(holder).catch(async (error: unknown) => {
      await rm(path, { force: true })
      throw error
    })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Moves aside the lock of a run that is gone. Two may do so at once: whoever moves the other's new lock puts it back. */
async function clearAbandoned(folder: string, path: string): Promise<void> {
  const before = await contentOf(path)
  if (!(await isAbandoned(path, before))) throw await inUse(folder, path)
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  try {
    if ((await contentOf(aside)) === before) return
    // Where a third has taken its place meanwhile, that one's stands.
    await link(aside, path).catch(() => {})
    throw await inUse(folder, path)
  } finally {
    await rm(aside, { force: true })
  }
}

async function isAbandoned(path: string, content: string): Promise<boolean> {
  const seen = await stat(path).catch(() => undefined)
  // It went away just now.
  if (!seen) return true
  if (Date.now() - seen.mtimeMs > ABANDONED_AFTER_MS) return true
  const { pid, machine, id } = holderOf(content)
  if (machine !== hostname() || typeof pid !== 'number') return false
  return pid === process.pid ? !held.has(String(id)) : !isAlive(pid)
}

interface Holder {
  readonly pid?: unknown
  readonly machine?: unknown
  readonly id?: unknown
}

/** Who holds a lock; nobody is named where it is still being written. */
function holderOf(content: string): Holder {
  try {
    return (JSON.parse(content) as Holder | null) ?? {}
  } catch {
    return {}
  }
}

async function inUse(folder: string, path: string): Promise<Error> {
  const { pid } = holderOf(await contentOf(path))
  return labError('PARAPET_LAB_FOLDER_IN_USE', {
    folder,
    ...(typeof pid === 'number' ? { pid } : {}),
  })
}

const contentOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
