import { type ChildProcess, spawn, spawnSync } from 'node:child_process'

const SCRIPT = new URL('queue-process.ts', import.meta.url).pathname

/** A process that works on a review database. */
export interface QueueProcess {
  readonly process: ChildProcess
  /** What it printed so far, whole lines alone. */
  readonly lines: () => readonly string[]
  /** Resolves once it has printed so many lines. Rejects when it ends before. */
  readonly printed: (lines: number) => Promise<void>
  /** Resolves when it has ended, with what it printed. Rejects when it failed. */
  readonly ended: Promise<readonly string[]>
}

/** Starts a part of `queue-process.ts`. `within` runs it in a shell of its own mount namespace after that command. */
export function startQueueProcess(
  part: string,
  file: string,
  options: { number?: number; within?: string } = {},
): QueueProcess {
  const args = [
    '--disable-warning=ExperimentalWarning',
    '--conditions=@parapet/source',
    SCRIPT,
    part,
    file,
    String(options.number ?? 0),
  ]
  const child =
    options.within === undefined
      ? spawn(process.execPath, args)
      : spawn('unshare', [
          '-rm',
          'sh',
          '-c',
          `${options.within} && exec "$0" "$@"`,
          process.execPath,
          ...args,
        ])
  let output = ''
  let errors = ''
  const listeners = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    for (const listener of listeners) listener()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  const lines = () => output.split('\n').slice(0, -1)
  const ended = new Promise<readonly string[]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(lines())
      else reject(new Error(`${part} ended with ${code ?? signal}: ${errors}`))
    })
  })
  ended.catch(() => {})
  const printed = (count: number) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (lines().length < count) return
        listeners.delete(look)
        resolve()
      }
      listeners.add(look)
      look()
      ended.then(
        () => (lines().length >= count ? resolve() : reject(new Error(`${part} ended early: ${errors}`))),
        reject,
      )
    })
  return { process: child, lines, printed, ended }
}

/** Whether this machine lets a test mount a small disk, or a read-only one, for a process of its own. */
export function canMount(): boolean {
  return spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0
}
